import { fill } from "../i18n";
import { button, h, icon, setText } from "./dom";
import type { Actions, Model } from "./model";

export interface Header {
  element: HTMLElement;
  update(model: Model): void;
}

export function createHeader({ config, t }: Model, actions: Actions, askRestart: () => void): Header {
  const line = h("p");
  const letter = h("span");
  const avatar = h("span.avatar", { "aria-hidden": "true" }, letter);
  const person = button("icon", t.askPerson, actions.askPerson, icon("person"));
  const restart = button("icon", t.restart, askRestart, icon("restart"));
  const close = button("icon", t.close, actions.close, icon("close"));
  return {
    element: h("header.top", avatar, h("div.who", h("h2", config.name), line), person, restart, close),
    update({ state }) {
      const member = state.mode === "member" && state.assignee;
      setText(letter, initial(member || config.name));
      setText(line, member ? fill(t.withMember, member) : state.mode === "waiting" ? t.waiting : t.subtitle);
      avatar.classList.toggle("there", state.agentsOnline);
      // Who waits while everybody leaves may still write to us.
      person.hidden = state.mode === "member" || (state.mode === "waiting" && state.agentsOnline);
      restart.hidden = state.messages.length === 0;
    },
  };
}

export function initial(name: string): string {
  return [...name.trim()][0]?.toLocaleUpperCase() ?? "·";
}
