import { longestMessage } from "../protocol";
import { button, h, replace, set, setText } from "./dom";
import type { Actions, Model } from "./model";

export interface OfflineForm {
  element: HTMLElement;
  focus(): void;
}

/** Nobody is there: leaves an e-mail address and a question. What a field lacks, the browser itself says in the visitor's language. */
export function createOffline({ t }: Model, actions: Actions, back: () => void): OfflineForm {
  const name = h("input.input", { autocomplete: "name", maxlength: 200 });
  const email = h("input.input", { type: "email", autocomplete: "email", maxlength: 320, required: true });
  const text = h("textarea.input", { rows: 4, maxlength: longestMessage, required: true });
  const title = h("h3", { tabindex: -1 }, t.offlineTitle);
  const failed = h("p.wrong", { role: "alert" });
  const leave = h("button.button.primary", t.send);
  const buttons = h("div.chips", leave, button("button", t.back, back));
  const field = (label: string, input: HTMLElement) => h("label.field", label, input);
  const element = h(
    "form.body.form",
    title,
    h("p", t.offlineText),
    field(t.name, name),
    field(t.email, email),
    field(t.placeholder, text),
    failed,
    buttons,
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!leave.hasAttribute("aria-disabled")) void submit();
  });
  return { element, focus: () => title.focus() };

  async function submit(): Promise<void> {
    set(leave, { "aria-disabled": "true" });
    setText(failed, "");
    try {
      const sender = name.value.trim();
      await actions.leaveMessage({ email: email.value.trim(), text: text.value.trim(), ...(sender && { name: sender }) });
      setText(title, t.received);
      leave.remove();
      replace(element, title, buttons);
      title.focus();
    } catch (error) {
      setText(failed, (error as Error).message || t.failed);
    } finally {
      set(leave, { "aria-disabled": null });
    }
  }
}
