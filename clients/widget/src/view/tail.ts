import { fill } from "../i18n";
import { button, h, replace, setText } from "./dom";
import { renderMarkdown } from "./markdown";
import type { Actions, Model } from "./model";
import { citing } from "./sources";

export interface Tail {
  element: HTMLElement;
  update(model: Model): void;
}

/** What stands below the thread and is not yet part of it: the answer being written, who is at work, what to ask next. */
export function createTail({ t }: Model, actions: Actions): Tail {
  const text = h("div.md");
  const answer = h("div.item.assistant", { "aria-busy": "true" }, h("div.theirs", text));
  const status = h("div.status", { role: "status" });
  const resolved = h("div.event", t.resolved);
  const chips = h("div.chips");
  let written = "";
  let offered = "";

  return {
    element: h("div.tail", answer, status, resolved, chips),
    update(model) {
      const { state } = model;
      const words = state.turn?.text ?? "";
      if (words !== written) replace(text, ...renderMarkdown(withoutOpenEnd(words), citing(null, t)));
      written = words;
      answer.hidden = !words;
      setText(status, statusOf(model));
      status.hidden = !status.textContent;
      resolved.hidden = state.conversationState !== "resolved";
      offer(chipsFor(model));
    },
  };

  function offer(questions: string[]): void {
    const wanted = questions.join("\n");
    chips.hidden = !wanted;
    if (wanted !== offered) {
      replace(chips, ...questions.map((q) => button("chip", q, () => (q === t.askPerson ? actions.askPerson() : actions.send(q)))));
    }
    offered = wanted;
  }
}

/** A badge or a link that has only begun would flicker; bold text is bold from its first word on. */
export function withoutOpenEnd(text: string): string {
  const shown = text.replace(/\[\d{0,3}$|\[[^\]\n]*\]\([^)\s]*$|[*_`]+$/, "");
  return shown.split("**").length % 2 ? shown : `${shown.trimEnd()}**`;
}

function statusOf({ state, t }: Model): string {
  const { turn, typing, mode } = state;
  if (typing) return fill(t.typing, typing);
  if (mode === "waiting") return state.agentsOnline ? t.waiting : t.offlineTitle;
  if (!turn || mode === "member") return "";
  if (turn.text) return t.writing;
  return t[turn.status ?? "searching"];
}

function chipsFor({ state, config, t }: Model): string[] {
  const open = config.quickQuestions.filter((question) => !state.messages.some((m) => m.text === question));
  const last = state.messages.at(-1);
  if (!last) return [...open, t.askPerson];
  return last.from === "assistant" && !state.turn && state.mode === "assistant" ? [t.askPerson, ...open.slice(0, 2)] : [];
}
