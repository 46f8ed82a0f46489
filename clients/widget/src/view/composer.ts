import { longestMessage } from "../protocol";
import { h, set } from "./dom";
import type { Actions, Model } from "./model";

export interface Composer {
  element: HTMLElement;
  focus(): void;
}

const tallest = 132;

export function createComposer({ t }: Model, actions: Actions, draft: string): Composer {
  const field = h("textarea", { rows: 1, maxlength: longestMessage, placeholder: t.placeholder, "aria-label": t.placeholder });
  const send = h("button.button.primary", { type: "submit" }, t.send);
  const element = h("form.composer", h("div.box", field, send));
  field.value = draft;

  element.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("input", () => {
    actions.keep({ draft: field.value });
    refresh();
  });
  field.addEventListener("keydown", (event) => {
    // While an input method composes, Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  refresh();
  return { element, focus: () => field.focus() };

  function submit(): void {
    const text = field.value.trim();
    if (!text) return field.focus();
    field.value = "";
    actions.keep({ draft: "" });
    refresh();
    actions.send(text);
    field.focus();
  }

  function refresh(): void {
    set(send, { "aria-disabled": String(!field.value.trim()) });
    field.style.height = "";
    if (field.value) field.style.height = `${Math.min(tallest, field.scrollHeight)}px`;
  }
}
