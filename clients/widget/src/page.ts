import { Emitter, type Topic } from "./emitter";
import type { Identity } from "./protocol";
import type { Widget } from "./widget";

/** The page's own handle: `window.tenet`. */
export interface Tenet {
  open(): void;
  close(): void;
  toggle(): void;
  /** The signed identity of the site's user; null when that user signs out. */
  identify(identity: Identity | null): void;
  /** Opens the chat and asks. */
  ask(text: string): void;
  on(topic: Topic, listener: (value?: unknown) => void): void;
  off(topic: Topic, listener: (value?: unknown) => void): void;
  /** Runs a call in the form of the queue: `["open"]`, `["ask", "Where is my order?"]`. */
  push(...calls: Call[]): void;
}

type Call = readonly [keyof Tenet, ...unknown[]];
type Methods = Record<string, (...values: any[]) => void>;

/** Makes `window.tenet` at once; what needs the widget waits until it is there. Takes over the calls queued before. */
export class PageHandle {
  readonly emitter = new Emitter();
  #widget: Widget | null = null;
  #waiting: Call[] = [];

  install(): boolean {
    const page = window as unknown as { tenet?: Methods & { q?: Call[]; loaded?: boolean } };
    const before = page.tenet;
    if (before?.loaded) return false;
    const { emitter } = this;
    const tenet: Methods = { on: emitter.on.bind(emitter), off: emitter.off.bind(emitter) };
    for (const method of ["open", "close", "toggle", "identify", "ask"] as const)
      tenet[method] = (...values) => this.#call([method, ...values]);
    tenet.push = (...calls) => {
      for (const [method, ...values] of calls as Call[]) tenet[method]?.(...values);
    };
    page.tenet = Object.assign(tenet, { loaded: true }) as unknown as Methods;
    tenet.push(...(Array.isArray(before) ? before : (before?.q ?? [])));
    return true;
  }

  ready(widget: Widget): void {
    this.#widget = widget;
    for (const call of this.#waiting) this.#call(call);
  }

  #call(call: Call): void {
    const [method, ...values] = call;
    if (this.#widget) (this.#widget as unknown as Methods)[method]?.(...values);
    else this.#waiting.push(call);
  }
}
