// Shortcuts of the inbox page, and scrolling that a server cannot do.
let page = null;

function pressed(event) {
  if (event.ctrlKey && event.key === "Enter" && event.target.matches?.("[data-composer]")) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  // By the key's place, because Alt makes other characters of letters on some keyboards.
  const key = event.code.replace("Key", "").toLowerCase();
  if (event.altKey && !event.ctrlKey && !event.metaKey && ["j", "k", "e", "l", "p"].includes(key)) {
    event.preventDefault();
    page?.invokeMethodAsync("PressedAsync", key);
  }
}

export function listen(reference) {
  page = reference;
  document.addEventListener("keydown", pressed);
  document.documentElement.dataset.inboxKeys = "on";
}

export function stop() {
  document.removeEventListener("keydown", pressed);
  delete document.documentElement.dataset.inboxKeys;
  page = null;
}

// Follows the newest message unless the reader has scrolled up to read.
export function toEnd(element) {
  if (!element) return;
  const away = element.scrollHeight - element.scrollTop - element.clientHeight;
  if (!element.dataset.seen || away < 240) element.scrollTop = element.scrollHeight;
  element.dataset.seen = "1";
}

// A colour that somebody chose, with the text colour that is readable on it.
export function tint(element, color) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  element?.style.setProperty("--accent", color);
  element?.style.setProperty("--on-tint", light > 0.36 ? "#14161a" : "#ffffff");
}
