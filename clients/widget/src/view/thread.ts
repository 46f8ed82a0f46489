import { button, h, icon, set, setText } from "./dom";
import { renderMarkdown } from "./markdown";
import { createMessage, type MessageView, wordsOf } from "./message";
import type { Actions, Model } from "./model";
import { type Row, rowsOf } from "./rows";
import { createTail } from "./tail";

export interface Thread {
  element: HTMLElement;
  update(model: Model): void;
  toEnd(): void;
}

/** Nearer to the end than this, the thread follows what arrives. */
const nearPx = 64;

/**
 * The log announces each finished message once; the answer being written stands outside of it, so that
 * a screen reader does not stammer through every piece.
 */
export function createThread(first: Model, actions: Actions): Thread {
  const { t, config } = first;
  const greeting = h("div.md", ...renderMarkdown(config.greeting || t.greeting, () => null));
  const log = h("div.log", { role: "log", "aria-live": "polite", "aria-label": t.conversation });
  log.append(h("div.item.assistant", h("div.theirs", greeting)));
  const tail = createTail(first, actions);
  const body = h("div.body", { tabindex: 0, role: "region", "aria-label": t.conversation }, log, tail.element);
  const jump = button("chip", t.newMessages, () => {
    toEnd();
    body.focus();
  });
  const rows = new Map<string, { element: HTMLElement; message: MessageView | null }>();
  let follows = true;
  let count = 0;
  jump.classList.add("jump");
  jump.hidden = true;
  body.addEventListener("scroll", () => {
    follows = body.scrollHeight - body.scrollTop - body.clientHeight < nearPx;
    if (follows) jump.hidden = true;
  });

  return { element: h("div.scroll", body, jump), toEnd, update };

  function update(model: Model): void {
    const wanted = rowsOf(model.state, (message) => wordsOf(message, model));
    const keys = new Set(wanted.map((row) => row.key));
    for (const [key, row] of rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      rows.delete(key);
    }
    // A conversation that is taken up again is not read out from its start.
    set(log, { "aria-live": count === 0 && wanted.length > 1 ? "off" : "polite" });
    wanted.forEach((row, i) => {
      const element = show(row, model);
      const there = log.children[i + 1] ?? null;
      if (there !== element) log.insertBefore(element, there);
    });
    tail.update(model);
    const last = wanted.at(-1);
    const grew = wanted.length > count;
    count = wanted.length;
    if (follows || (grew && last?.kind === "message" && last.message.from === "visitor")) toEnd();
    else if (grew) jump.hidden = false;
  }

  function show(row: Row, model: Model): HTMLElement {
    let shown = rows.get(row.key);
    if (!shown) {
      const message = row.kind === "message" ? createMessage(actions) : null;
      shown = { message, element: message?.element ?? h(`div.${row.kind}`, row.kind === "notice" && icon("warn", 16), h("span")) };
      rows.set(row.key, shown);
    }
    if (row.kind === "message") shown.message?.update(row.message, model, row.last);
    else setText(shown.element.lastElementChild as Element, row.text);
    return shown.element;
  }

  function toEnd(): void {
    follows = true;
    jump.hidden = true;
    body.scrollTop = body.scrollHeight;
  }
}
