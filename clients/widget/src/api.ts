import type { Config, Conversation, Identity, Page, Rating, SentMessage, Session } from "./protocol";

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
  /** The language in which the server writes what it says itself. */
  language = "en";

  readonly #base: string;
  readonly #key: string;

  constructor(base: string, key: string) {
    this.#base = base;
    this.#key = encodeURIComponent(key);
  }

  config(): Promise<Config> {
    return this.#call("GET", `${this.#key}/config`);
  }

  openSession(body: { visitorToken?: string; language: string; identity?: Identity; page: Page; ofAge: boolean | undefined }): Promise<Session> {
    return this.#call("POST", `${this.#key}/sessions`, body);
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

  rate(messageId: string, rating: Rating): Promise<void> {
    return this.#call("PUT", `messages/${messageId}/feedback`, rating);
  }

  leaveMessage(body: { name?: string; email: string; text: string }): Promise<void> {
    return this.#call("POST", "offline", body);
  }

  startAnew(): Promise<void> {
    return this.#call("POST", "conversations", {});
  }

  /** Opens the event stream. The caller reads the body and aborts it by `signal`. */
  async events(lastEventId: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#fetch("events", { signal, cache: "no-store", headers: { "last-event-id": lastEventId } });
    if (!response.ok || !response.body) throw new ApiError(response.status, "");
    return response.body;
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    try {
      const signal = AbortSignal.timeout(patienceMs);
      const headers: Record<string, string> = body ? { "content-type": "application/json" } : {};
      const response = await this.#fetch(path, { method, signal, headers, ...(body && { body: JSON.stringify(body) }) });
      const text = await response.text();
      if (!response.ok) throw new ApiError(response.status, problemOf(text));
      return (text ? JSON.parse(text) : null) as T;
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(0, "");
    }
  }

  #fetch(path: string, request: Omit<RequestInit, "headers"> & { headers: Record<string, string> }): Promise<Response> {
    const headers: Record<string, string> = { ...request.headers, "accept-language": this.language };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    return fetch(`${this.#base}api/widget/${path}`, { ...request, headers, credentials: "omit" });
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
