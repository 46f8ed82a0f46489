import type { Strings } from "../i18n";
import { h, icon, replace, set, setText } from "./dom";

export interface Launcher {
  element: HTMLButtonElement;
  update(open: boolean, unread: number): void;
}

export function createLauncher(t: Strings, toggle: () => void): Launcher {
  const bubble = h("span.unread", { "aria-hidden": "true" });
  const symbol = h("span.symbol");
  const element = h("button.launcher", { type: "button", "aria-haspopup": "dialog", onclick: toggle }, symbol, bubble);
  let shown: boolean | null = null;
  return {
    element,
    update(open, unread) {
      if (shown !== open) replace(symbol, icon(open ? "down" : "chat", 26));
      shown = open;
      const label = open ? t.close : unread ? `${t.open}. ${t.newMessages}: ${unread}` : t.open;
      set(element, { "aria-expanded": String(open), "aria-label": label });
      bubble.hidden = open || unread === 0;
      setText(bubble, unread > 99 ? "99+" : String(unread));
    },
  };
}
