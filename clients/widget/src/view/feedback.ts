import type { ThreadMessage } from "../state";
import { add, button, h, icon, replace, set } from "./dom";
import type { Actions, Model } from "./model";

export interface Feedback {
  element: HTMLElement;
  update(message: ThreadMessage, last: boolean): void;
}

/** Thumbs under an answer; a thumb down asks what was missing. */
export function createFeedback(first: ThreadMessage, { t }: Model, actions: Actions): Feedback {
  let message = first;
  const label = h("span", t.helped);
  const up = button("chip", t.helped, () => rate(true), icon("up", 15));
  const down = button("chip", t.notHelped, askMore, icon("thumbDown", 15));
  const more = h("div.comment", { hidden: true });
  add(up, label);

  return {
    element: h("div.feedback", h("div.chips", up, down), more),
    update(changed, last) {
      message = changed;
      set(up, { "aria-pressed": String(message.helpful === true) });
      set(down, { "aria-pressed": String(message.helpful === false) });
      label.hidden = !last;
    },
  };

  function rate(helpful: boolean): void {
    more.hidden = true;
    if (message.helpful !== helpful) void actions.rate(message, helpful).catch(() => undefined);
  }

  function askMore(): void {
    rate(false);
    const field = h("textarea.input", { rows: 2, maxlength: 1000, id: `missing-${message.id}` });
    const send = button("button", t.send, () => void sendComment(field.value.trim()));
    replace(
      more,
      h("label", { for: field.id }, t.missing),
      field,
      h(
        "div.chips",
        send,
        button("button", t.cancel, () => finish("")),
      ),
    );
    more.hidden = false;
    field.focus();
  }

  async function sendComment(comment: string): Promise<void> {
    if (!comment) return finish("");
    try {
      await actions.rate(message, false, comment);
      finish(t.thanks);
    } catch {
      more.querySelector(".wrong")?.remove();
      add(more, h("span.wrong", { role: "alert" }, t.failed));
    }
  }

  function finish(words: string): void {
    replace(more, words);
    more.hidden = !words;
    down.focus();
  }
}
