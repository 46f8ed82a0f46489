import forms from "./forms.css";
import panel from "./panel.css";
import text from "./text.css";
import thread from "./thread.css";
import tokens from "./tokens.css";

const css = tokens + panel + thread + text + forms;

/** Constructed sheets need no permission of the page's CSP; an older browser gets an element with the script's nonce. */
export function addStyles(root: ShadowRoot, nonce: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const style = document.createElement("style");
    style.nonce = nonce;
    style.textContent = css;
    root.append(style);
  }
}
