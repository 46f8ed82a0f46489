import type { ThreadMessage } from "../state";
import { add, button, h, icon, replace, set } from "./dom";
import type { Actions, Model } from "./model";

export interface Feedback {
  element: HTMLElement;
  update(message: ThreadMessage, last: boolean): void;
}

/** Thumbs under an answer; a thumb down asks what was missing, and whether a person should look at the answer. */
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
    if (message.helpful !== helpful) void actions.rate(message, { helpful }).catch(() => undefined);
  }

  function askMore(): void {
    rate(false);
    const comment = h("textarea.input", { rows: 2, maxlength: 1000 });
    const email = h("input.input", { type: "email", autocomplete: "email", maxlength: 320 });
    const send = button("button", t.send, () => void submit(comment.value.trim(), email.value.trim()));
    replace(
      more,
      h("label", t.missing, comment),
      h("label", t.review, email),
      h(
        "div.chips",
        send,
        button("button", t.cancel, () => finish("")),
      ),
    );
    more.hidden = false;
    comment.focus();
  }

  async function submit(comment: string, email: string): Promise<void> {
    if (!comment && !email) return finish("");
    try {
      await actions.rate(message, { helpful: false, comment, email });
      finish(email ? t.received : t.thanks);
    } catch (error) {
      more.querySelector(".wrong")?.remove();
      add(more, h("span.wrong", { role: "alert" }, (error as Error).message || t.failed));
    }
  }

  function finish(words: string): void {
    replace(more, words);
    more.hidden = !words;
    down.focus();
  }
}
