import { type Api, ApiError } from "./api";
import type { Identity, Page, Session } from "./protocol";
import type { Memory } from "./storage";

/** Opens the visitor's session when it is first needed, and again when the server has forgotten the token. */
export class SessionKeeper {
  #identity: Identity | null = null;
  #opening: Promise<void> | null = null;

  readonly #api: Api;
  readonly #memory: Memory;
  readonly #onOpened: (conversation: Session["conversation"]) => void;

  constructor(api: Api, memory: Memory, onOpened: (conversation: Session["conversation"]) => void) {
    this.#api = api;
    this.#memory = memory;
    this.#onOpened = onOpened;
  }

  get identified(): boolean {
    return this.#identity !== null;
  }

  ensure(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  renew(): Promise<void> {
    this.#opening = null;
    return this.ensure();
  }

  /** Calls the server within the session; once more if it did not know the token. */
  async within<T>(call: () => Promise<T>): Promise<T> {
    await this.ensure();
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      await this.renew();
      return call();
    }
  }

  /** From now on the session speaks for this person; null for nobody, which also forgets the visitor. */
  identify(identity: Identity | null): void {
    this.#identity = identity;
    this.#opening = null;
    if (identity) return;
    this.#api.token = null;
    this.#memory.remember(null);
  }

  async #open(): Promise<void> {
    const known = this.#memory.remembered;
    const { ofAge } = this.#memory.ofTab;
    const body = { language: this.#api.language, page: pageNow(), ofAge, ...(this.#identity && { identity: this.#identity }) };
    let session: Session;
    try {
      session = await this.#api.openSession(known ? { ...body, visitorToken: known.token } : body);
    } catch (error) {
      // A token that the server no longer knows (erased, expired, from before the age was asked for) must not lock the visitor out.
      if (!known || !(error instanceof ApiError) || ![401, 404, 409, 410].includes(error.status)) throw error;
      this.#memory.remember(null);
      session = await this.#api.openSession(body);
    }
    const read = known?.visitorId === session.visitorId ? known.read : 0;
    this.#api.token = session.token;
    this.#memory.remember({ visitorId: session.visitorId, token: session.token, read });
    this.#onOpened(session.conversation);
  }
}

/** Without query and fragment: those carry search words and reset links, which are nobody's business here. */
export function pageNow(): Page {
  return { url: location.origin + location.pathname, title: document.title.slice(0, 300) };
}
