import { fill } from "../i18n";
import { safeHref } from "../inline";
import { createComposer } from "./composer";
import { button, h, replace, set, setText } from "./dom";
import { createHeader } from "./header";
import { linkTo } from "./markdown";
import type { AgeQuestion } from "../protocol";
import type { Actions, Model } from "./model";
import { createOffline } from "./offline";
import { createThread } from "./thread";

export interface Panel {
  element: HTMLElement;
  update(model: Model): void;
  /** Puts the keyboard where the visitor goes on. */
  focus(): void;
  showOffline(): void;
  showProblem(words: string): void;
}

export function createPanel(first: Model, actions: Actions, draft: string): Panel {
  const { t, config } = first;
  const connection = h("div.banner", { role: "status" });
  const question = h("div.banner", { role: "group", hidden: true });
  const confirm = button("button", t.restart, restart);
  question.append(h("span", t.restartAsk), confirm, button("button", t.cancel, closeQuestion));
  const header = createHeader(first, actions, askRestart);
  const going = { ...actions, send: andGoOn(actions.send), retry: andGoOn(actions.retry) };
  const thread = createThread(first, going);
  const composer = createComposer(first, going, draft);
  const screen = h("div.screen", thread.element, composer.element);
  const dialog = { role: "dialog", "aria-label": fill(t.title, config.name), tabindex: -1 };
  const element = h("section.panel", dialog, header.element, connection, question, screen, legal(first));
  let problem = "";
  /** The question for the age, or its answer, while it stands in the chat's place. */
  let age: HTMLElement | null = null;
  let isFull = first.full;

  // Our keys are ours: a shop's shortcuts must not fire while somebody writes here.
  for (const kind of ["keydown", "keyup", "keypress"]) element.addEventListener(kind, (event) => event.stopPropagation());
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") escape();
    if (event.key === "Tab" && isFull) keepInside(event);
  });
  element.addEventListener("click", (event) => {
    const anchor = (event.target as Element).closest("a");
    if (anchor && !anchor.target && isFull) actions.close(); // show the page that the link leads to
  });

  return { element, update, focus, showOffline, showProblem };

  function update(model: Model): void {
    isFull = model.full;
    set(element, { "aria-modal": isFull ? "true" : null });
    setText(connection, model.lost ? t.lost : problem);
    connection.hidden = !connection.textContent;
    header.update(model);
    thread.update(model);
    if (!model.ofAge && !age) askAge(model);
  }

  function askAge({ ofAge, language }: Model): void {
    const texts = (config.age as Record<string, AgeQuestion>)[language] as AgeQuestion;
    const answer = (ofAge: boolean) => button("button", texts[ofAge ? "yes" : "no"], () => {
      actions.keep({ ofAge });
      if (ofAge) return showChat();
      askAge({ ...first, ofAge });
      focus();
    });
    age = h("h3", { tabindex: -1 }, texts[ofAge == null ? "ask" : "thanks"]);
    replace(screen, h("div.body.form", age, ofAge == null && h("div.chips", answer(true), answer(false))));
  }

  function focus(): void {
    if (age) return age.focus();
    thread.toEnd();
    // On a phone the field would bring up the keyboard and hide the conversation.
    if (isFull) element.focus();
    else composer.focus();
  }

  /** The chip or button that was pressed goes away: the keyboard must not be left in nothing. */
  function andGoOn(act: (value: string) => void): (value: string) => void {
    return (value) => {
      problem = "";
      act(value);
      focus();
    };
  }

  function showProblem(words: string): void {
    problem = words;
    setText(connection, words);
    connection.hidden = false;
  }

  function showOffline(): void {
    const form = createOffline(first, actions, showChat);
    replace(screen, form.element);
    form.focus();
  }

  function showChat(): void {
    age = null;
    replace(screen, thread.element, composer.element);
    focus();
  }

  function askRestart(): void {
    question.hidden = false;
    confirm.focus();
  }

  function closeQuestion(): void {
    question.hidden = true;
    showChat();
  }

  function restart(): void {
    closeQuestion();
    actions.startAnew().catch(() => showProblem(t.failed));
  }

  function escape(): void {
    if (question.hidden) actions.close();
    else closeQuestion();
  }

  /** Only the full screen keeps the keyboard: beside the page, Tab may leave. */
  function keepInside(event: KeyboardEvent): void {
    const all = [...element.querySelectorAll<HTMLElement>("a,button,textarea,input,[tabindex='0']")].filter((e) => e.offsetParent);
    const active = (element.getRootNode() as ShadowRoot).activeElement;
    const [edge, other] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
    if (active !== edge && (active !== element || !event.shiftKey)) return;
    event.preventDefault();
    other?.focus();
  }
}

function legal({ config, t, language }: Model): Node | null {
  const href = config.privacyUrl && safeHref(config.privacyUrl);
  const kept = config.keepDays ? fill(t.kept, days(config.keepDays, language)) : "";
  const link = href && linkTo(href, t.myData);
  if (link) link.target = "_blank";
  return kept || link ? h("div.legal", kept, kept && link && " · ", link) : null;
}

/** "1 day", "90 Tage": the browser knows the plurals of every language. */
function days(count: number, language: string): string {
  return new Intl.NumberFormat(language, { style: "unit", unit: "day", unitDisplay: "long" }).format(count);
}
