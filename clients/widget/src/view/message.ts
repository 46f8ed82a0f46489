import type { ThreadMessage } from "../state";
import { button, h, replace, spoken } from "./dom";
import { createFeedback, type Feedback } from "./feedback";
import { initial } from "./header";
import { renderMarkdown } from "./markdown";
import type { Actions, Model } from "./model";
import { citing, sourceList } from "./sources";

export interface MessageView {
  element: HTMLElement;
  update(message: ThreadMessage, model: Model, last: boolean): void;
}

export function createMessage(actions: Actions): MessageView {
  const element = h("div");
  let shown: ThreadMessage | null = null;
  let feedback: Feedback | null = null;

  return {
    element,
    update(message, model, last) {
      if (!shown || !looksSame(shown, message)) {
        element.className = `item ${message.from} ${message.delivery ?? ""}`;
        feedback = message.from === "assistant" && message.turnId ? createFeedback(message, model, actions) : null;
        replace(element, ...content(message, model, actions), feedback?.element);
      }
      shown = message;
      feedback?.update(message, last);
    },
  };
}

/** What an answer says when it has no words of its own. */
export function wordsOf({ text, state }: ThreadMessage, { t }: Model): string {
  return text || (state === "failed" ? t.failed : "");
}

function content(message: ThreadMessage, model: Model, actions: Actions): (Node | false)[] {
  const { t } = model;
  const words = wordsOf(message, model);
  const title = timeOf(message.at, model.language);
  if (message.from === "visitor") {
    const failed = message.delivery === "failed";
    return [h("div.mine", { title }, spoken(`${t.you}: `), words), failed && notSent(message, model, actions)];
  }
  const isMember = message.from === "member";
  const speaker = isMember ? (message.author ?? model.config.name) : t.assistant;
  const by = isMember ? h("div.by", h("span.avatar", { "aria-hidden": "true" }, initial(speaker)), speaker) : spoken(`${speaker}: `);
  const text = h("div.md", ...renderMarkdown(words, citing(message.citations, t)));
  return [by, h("div.theirs", { title }, text, sourceList(message.citations))];
}

function notSent({ problem, clientId }: ThreadMessage, { t }: Model, actions: Actions): Node {
  return h(
    "div.problem",
    `${t.notSent} ${problem ?? ""}`,
    button("link", t.retry, () => actions.retry(clientId ?? "")),
  );
}

function looksSame(a: ThreadMessage, b: ThreadMessage): boolean {
  return a.text === b.text && a.delivery === b.delivery && a.problem === b.problem && a.state === b.state && a.id === b.id;
}

function timeOf(at: string, language: string): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "" : time.toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}
