import forms from "./forms.css";
import panel from "./panel.css";
import text from "./text.css";
import thread from "./thread.css";
import { addSheet } from "./sheet";
import tokens from "./tokens.css";

const css = tokens + panel + thread + text + forms;

export function addStyles(root: ShadowRoot, nonce: string): void {
  addSheet(root, css, nonce);
}
