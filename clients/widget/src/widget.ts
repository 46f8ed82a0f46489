import { Api } from "./api";
import { Chat } from "./chat";
import type { Emitter } from "./emitter";
import { chooseLanguage, type Strings } from "./i18n";
import type { Config, Identity } from "./protocol";
import { Screen } from "./screen";
import type { ThreadMessage } from "./state";
import type { Memory } from "./storage";
import { createLauncher, type Launcher } from "./view/launcher";
import type { Actions, Model } from "./view/model";
import { createPanel, type Panel } from "./view/panel";

/** What a page's script is told of a message. */
export interface PublicMessage {
  id: string;
  from: string;
  author: string | null;
  text: string;
  at: string;
}

/** The chat on one page: ties the conversation to what is seen of it. */
export class Widget {
  readonly #chat: Chat;
  readonly #strings: Strings;
  readonly #language: string;
  readonly #screen: Screen;
  readonly #launcher: Launcher;
  #panel: Panel | null = null;
  #isOpen = false;
  #unread = 0;
  #isScheduled = false;

  readonly #config: Config;
  readonly #memory: Memory;
  readonly #emitter: Emitter;

  constructor(api: Api, config: Config, memory: Memory, emitter: Emitter, options: { language: string | null; nonce: string }) {
    this.#config = config;
    this.#memory = memory;
    this.#emitter = emitter;
    const wish = config.language === "auto" ? null : config.language;
    const chosen = chooseLanguage([options.language, wish, document.documentElement.lang, ...navigator.languages]);
    this.#strings = chosen.strings;
    this.#language = api.language = chosen.language;
    this.#chat = new Chat(api, memory, {
      onChange: () => this.#schedule(),
      onArrival: (message) => this.#emitter.emit("message", published(message)),
    });
    this.#screen = new Screen(config, this.#language, options.nonce, () => this.#render());
    this.#launcher = createLauncher(this.#strings, () => this.toggle());
    this.#screen.root.append(this.#launcher.element);
    document.addEventListener("visibilitychange", () => this.#schedule());
  }

  start(): void {
    this.#screen.attach();
    void this.#chat.begin(Boolean(this.#config.agentsOnline));
    if (this.#memory.ofTab.open) this.#show(false);
    this.#render();
  }

  open(): void {
    if (!this.#isOpen) this.#show(true);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#memory.keepOfTab({ open: false });
    // Before it is hidden: a page's script that closes the chat must not lose its own focus.
    if (this.#screen.focused) this.#launcher.element.focus();
    if (this.#panel) this.#panel.element.hidden = true;
    this.#screen.setOpen(false, null);
    this.#chat.closed();
    this.#render();
    this.#emitter.emit("close");
  }

  toggle(): void {
    if (this.#isOpen) this.close();
    else this.open();
  }

  ask(text: string): void {
    this.open();
    if (text.trim()) this.#chat.send(text.trim().slice(0, 4000));
  }

  identify(identity: Identity | null): void {
    this.#chat.identify(identity);
    if (this.#isOpen) this.#chat.opened();
  }

  /** With `focus` the visitor asked for it; without, it was open before a reload and must not take the keyboard. */
  #show(focus: boolean): void {
    this.#isOpen = true;
    this.#memory.keepOfTab({ open: true });
    if (!this.#panel) {
      this.#panel = createPanel(this.#model(), this.#actions(), this.#memory.ofTab.draft);
      this.#screen.root.insertBefore(this.#panel.element, this.#launcher.element);
    }
    this.#panel.element.hidden = false;
    this.#panel.element.classList.toggle("rises", focus);
    this.#screen.setOpen(true, this.#panel.element);
    this.#chat.opened();
    this.#render();
    if (!focus) return;
    this.#panel.focus();
    this.#emitter.emit("open");
  }

  #actions(): Actions {
    return {
      close: () => this.close(),
      send: (text) => this.#chat.send(text),
      retry: (clientId) => this.#chat.retry(clientId),
      askPerson: () => this.#askPerson(),
      rate: (message, rating) => this.#chat.rate(message, rating),
      leaveMessage: (form) => this.#chat.leaveMessage(form),
      startAnew: () => this.#chat.startAnew(),
      keep: (values) => this.#memory.keepOfTab(values),
    };
  }

  #askPerson(): void {
    if (!this.#chat.state.agentsOnline) return this.#panel?.showOffline();
    this.#panel?.focus();
    this.#chat.askPerson().catch(() => this.#panel?.showProblem(this.#strings.failed));
  }

  #model(): Model {
    const { state, lost } = this.#chat;
    const ofAge = !this.#config.age || this.#memory.remembered ? true : this.#memory.ofTab.ofAge;
    return { state, lost, config: this.#config, t: this.#strings, language: this.#language, full: this.#screen.full, ofAge };
  }

  /** Many pieces of an answer make one picture. A hidden page draws no frames but still counts. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const draw = () => {
      this.#isScheduled = false;
      this.#render();
    };
    if (document.visibilityState === "visible") requestAnimationFrame(draw);
    else setTimeout(draw, 100);
  }

  #render(): void {
    if (this.#isOpen && document.visibilityState === "visible") this.#chat.markRead();
    const unread = this.#chat.unread();
    this.#launcher.update(this.#isOpen, unread);
    if (this.#isOpen) this.#panel?.update(this.#model());
    if (unread !== this.#unread) this.#emitter.emit("unread", unread);
    this.#unread = unread;
  }
}

function published({ id, from, author, text, at }: ThreadMessage): PublicMessage {
  return { id, from, author, text, at };
}
