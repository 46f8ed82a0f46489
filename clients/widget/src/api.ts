import type { Config, Conversation, Identity, Page, SentMessage, Session } from "./protocol";

/** A refused or failed call. `status` is 0 when no answer arrived at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }

  /** Whether the same call may succeed a little later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const patienceMs = 20_000;

export class Api {
  token: string | null = null;

  readonly #base: string;
  readonly #key: string;

  constructor(
    base: string,
    key: string,
  ) {
    this.#base = base;
    this.#key = key;
  }

  config(): Promise<Config> {
    return this.#call("GET", `${encodeURIComponent(this.#key)}/config`);
  }

  openSession(body: { visitorToken?: string; language: string; identity?: Identity; page: Page }): Promise<Session> {
    return this.#call("POST", `${encodeURIComponent(this.#key)}/sessions`, body);
  }

  conversation(): Promise<Conversation | null> {
    return this.#call("GET", "conversation");
  }

  send(body: { clientId: string; text: string; page: Page }): Promise<SentMessage> {
    return this.#call("POST", "messages", body);
  }

  askPerson(): Promise<void> {
    return this.#call("POST", "handoff", {});
  }

  rate(messageId: string, helpful: boolean, comment?: string): Promise<void> {
    return this.#call("PUT", `messages/${encodeURIComponent(messageId)}/feedback`, comment ? { helpful, comment } : { helpful });
  }

  leaveMessage(body: { name?: string; email: string; text: string }): Promise<void> {
    return this.#call("POST", "offline", body);
  }

  startAnew(): Promise<void> {
    return this.#call("POST", "conversations", {});
  }

  /** Opens the event stream. The caller reads the body and aborts it by `signal`. */
  async events(lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const headers: Record<string, string> = { ...this.#authorization(), accept: "text/event-stream" };
    if (lastEventId !== null) headers["last-event-id"] = lastEventId;
    const response = await fetch(this.#url("events"), { headers, signal, credentials: "omit", cache: "no-store" });
    if (!response.ok || !response.body) throw new ApiError(response.status, "");
    return response.body;
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), patienceMs);
    try {
      const response = await fetch(this.#url(path), {
        method,
        credentials: "omit",
        signal: giveUp.signal,
        headers: body ? { ...this.#authorization(), "content-type": "application/json" } : this.#authorization(),
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new ApiError(response.status, problemOf(text));
      return (text ? JSON.parse(text) : null) as T;
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(0, "");
    } finally {
      clearTimeout(timer);
    }
  }

  #url(path: string): string {
    return `${this.#base}api/widget/${path}`;
  }

  #authorization(): Record<string, string> {
    return this.token ? { authorization: `Bearer ${this.token}` } : {};
  }
}

/** What a ProblemDetails says to a person: the first field error, else the detail. */
function problemOf(body: string): string {
  try {
    const problem = JSON.parse(body) as { detail?: string; errors?: Record<string, string[]> };
    return Object.values(problem.errors ?? {})[0]?.[0] ?? problem.detail ?? "";
  } catch {
    return "";
  }
}
