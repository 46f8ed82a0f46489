import type { Api } from "./api";
import type { Identity, Rating, ServerEvent, Session } from "./protocol";
import { pageNow, SessionKeeper } from "./session";
import { type Action, emptyState, reduce, type State, type ThreadMessage } from "./state";
import type { Memory } from "./storage";
import { newId } from "./ids";
import { Stream } from "./stream";
import { pause, persist, waitBefore } from "./timing";

const typingMs = 6_000;
const hiddenMs = 60_000;
/** So long after the last message a colleague may still step in. */
const recentMs = 30 * 60_000;
const attempts = 3;
/** Replays a conversation from its start. */
const fromStart = "0";

export interface ChatListener {
  onChange(): void;
  /** Something that the visitor did not write themselves has arrived. */
  onArrival(message: ThreadMessage): void;
}

/** One visitor's conversation: what is known of it, and what can be done with it. */
export class Chat {
  state: State = emptyState;
  /** The event stream is broken and being opened again. */
  lost = false;

  readonly #session: SessionKeeper;
  readonly #stream: Stream;
  #sending: Promise<void> = Promise.resolve();
  #refreshing = false;
  #watched = false;
  #quietTimer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  readonly #api: Api;
  readonly #memory: Memory;
  readonly #listener: ChatListener;

  constructor(api: Api, memory: Memory, listener: ChatListener) {
    this.#api = api;
    this.#memory = memory;
    this.#listener = listener;
    this.#session = new SessionKeeper(api, memory, (conversation) => this.#takeConversation(conversation));
    this.#stream = new Stream(api, {
      onEvent: (event) => this.#take(event),
      onConnected: (connected) => this.#setLost(!connected),
      onRefused: (status) => void this.#recover(status),
    });
    addEventListener("online", () => this.#online());
    document.addEventListener("visibilitychange", () => this.#visibility());
  }

  /** Takes up the conversation of an earlier page. A visitor who never wrote causes no request. */
  async begin(agentsOnline: boolean): Promise<void> {
    this.#dispatch({ type: "presence", agentsOnline });
    const { unsent } = this.#memory.ofTab;
    for (const message of unsent) this.#dispatch({ type: "sending", ...message });
    if (!this.#memory.remembered && unsent.length === 0) return;
    try {
      await persist(
        () => this.#session.ensure(),
        Infinity,
        () => this.#setLost(true),
      );
    } catch {
      return this.#listener.onChange(); // the server does not want this visitor; a new message tries again
    }
    for (const { clientId, text } of unsent) this.#deliver(clientId, text);
  }

  /** The visitor looks at the chat: a known customer's conversation from another device appears. */
  opened(): void {
    this.#watched = true;
    this.#listen();
    if (this.#session.identified) void this.#session.ensure().catch(() => undefined);
  }

  closed(): void {
    this.#watched = false;
  }

  send(text: string): void {
    const clientId = newId();
    this.#dispatch({ type: "sending", clientId, text, at: new Date().toISOString() });
    this.#deliver(clientId, text);
  }

  retry(clientId: string): void {
    const message = this.state.messages.find((m) => m.clientId === clientId && m.delivery === "failed");
    if (!message) return;
    this.#dispatch({ type: "sending", clientId, text: message.text, at: message.at });
    this.#deliver(clientId, message.text);
  }

  async askPerson(): Promise<void> {
    await this.#session.within(() => this.#api.askPerson());
    if (!this.state.conversationId) await this.#refresh();
  }

  async rate(message: ThreadMessage, rating: Rating): Promise<void> {
    const before = message.helpful;
    this.#dispatch({ type: "rated", id: message.id, helpful: rating.helpful });
    try {
      await this.#session.within(() => this.#api.rate(message.id, rating));
    } catch (error) {
      this.#dispatch({ type: "rated", id: message.id, helpful: before });
      throw error;
    }
  }

  leaveMessage(form: { name?: string; email: string; text: string }): Promise<void> {
    return this.#session.within(() => this.#api.leaveMessage(form));
  }

  async startAnew(): Promise<void> {
    await this.#session.within(() => this.#api.startAnew());
    this.#clear();
    await this.#refresh();
  }

  /** Signed by the customer's site; null when its user has signed out: then nothing of them stays here. */
  identify(identity: Identity | null): void {
    this.#session.identify(identity);
    if (!identity) this.#clear();
    else if (this.#memory.remembered) void this.#session.ensure().catch(() => undefined);
  }

  /** Counts what arrived since the visitor last looked. */
  unread(): number {
    const read = this.#memory.remembered?.read ?? 0;
    return this.state.messages.filter((m) => m.from !== "visitor" && m.kind === "text" && (m.seq ?? 0) > read).length;
  }

  markRead(): void {
    this.#memory.markRead(Math.max(0, ...this.state.messages.map((m) => m.seq ?? 0)));
  }

  #deliver(clientId: string, text: string): void {
    this.#sending = this.#sending.then(() => this.#tryToSend(clientId, text));
  }

  async #tryToSend(clientId: string, text: string): Promise<void> {
    try {
      const call = () => this.#api.send({ clientId, text, page: pageNow() });
      const sent = await persist(() => this.#session.within(call), attempts);
      const moved = this.state.conversationId !== null && this.state.conversationId !== sent.conversationId;
      this.#dispatch({ type: "sent", clientId, ...sent });
      if (moved) await this.#refresh();
      else this.#stream.resume();
    } catch (error) {
      this.#dispatch({ type: "unsent", clientId, problem: (error as Error).message });
    }
  }

  #takeConversation(conversation: Session["conversation"]): void {
    this.#dispatch({ type: "snapshot", conversation });
    this.#stream.rewind(conversation?.lastEventId ?? fromStart);
    this.#setLost(false);
    this.#listen();
  }

  async #refresh(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    this.#stream.stop();
    const read = () => this.#session.within(() => this.#api.conversation());
    const conversation = await persist(read, Infinity, () => this.#setLost(true)).catch(() => undefined);
    this.#refreshing = false;
    // Refused: not ours any more. The next message opens a session again.
    if (conversation !== undefined) this.#takeConversation(conversation);
  }

  async #recover(status: number): Promise<void> {
    await pause(waitBefore(4));
    if (status === 401) await this.#session.renew().catch(() => undefined);
    else await this.#refresh();
  }

  /** Holds a connection only while something can come: not for everybody who once asked a question. */
  #listen(): void {
    const { conversationId, mode, turn, messages } = this.state;
    const recent = Date.now() - Date.parse(messages.at(-1)?.at ?? "") < recentMs;
    if (conversationId && !this.#refreshing && (this.#watched || mode !== "assistant" || turn || recent)) this.#stream.resume();
  }

  #take(event: ServerEvent): void {
    const isNew = event.type === "message" && event.from !== "visitor" && !this.state.messages.some((m) => m.id === event.id);
    this.#dispatch(event);
    if (this.state.gap) void this.#refresh();
    if (isNew && event.type === "message") this.#listener.onArrival(event);
    if (event.type === "typing") {
      clearTimeout(this.#quietTimer);
      this.#quietTimer = setTimeout(() => this.#dispatch({ type: "quiet" }), typingMs);
    }
  }

  #dispatch(action: Action): void {
    this.state = reduce(this.state, action);
    if (["sending", "sent", "unsent", "message", "snapshot"].includes(action.type)) this.#keepUnsent();
    this.#listener.onChange();
  }

  #keepUnsent(): void {
    const unsent = this.state.messages.filter((m) => m.delivery && m.clientId);
    if (unsent.length || this.#memory.ofTab.unsent.length) {
      this.#memory.keepOfTab({ unsent: unsent.map(({ clientId, text, at }) => ({ clientId: clientId as string, text, at })) });
    }
  }

  #clear(): void {
    this.#stream.rewind(fromStart);
    this.state = { ...emptyState, agentsOnline: this.state.agentsOnline };
    this.#keepUnsent();
    this.#listener.onChange();
  }

  #setLost(lost: boolean): void {
    if (this.lost === lost) return;
    this.lost = lost;
    this.#listener.onChange();
  }

  #online(): void {
    this.#listen();
    for (const m of this.state.messages) if (m.delivery === "failed" && !m.problem && m.clientId) this.retry(m.clientId);
  }

  /** A tab in the background gives its connection back after a minute: browsers share six of them per host. */
  #visibility(): void {
    clearTimeout(this.#hiddenTimer);
    if (document.visibilityState === "hidden") this.#hiddenTimer = setTimeout(() => this.#stream.stop(), hiddenMs);
    else this.#listen();
  }
}
