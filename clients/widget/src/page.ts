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

const later = ["open", "close", "toggle", "identify", "ask"] as const;

/** Makes `window.tenet` at once; what needs the widget waits until it is there. Takes over the calls queued before. */
export class PageHandle {
  readonly emitter = new Emitter();
  #widget: Widget | null = null;
  #waiting: Call[] = [];

  install(): boolean {
    const page = window as unknown as { tenet?: Partial<Tenet> & { q?: Call[]; loaded?: boolean } };
    const before = page.tenet;
    if (before?.loaded) return false;
    const tenet = {
      loaded: true,
      on: (topic: Topic, listener: () => void) => this.emitter.on(topic, listener),
      off: (topic: Topic, listener: () => void) => this.emitter.off(topic, listener),
      push: (...calls: Call[]) => {
        for (const [method, ...values] of calls) (tenet as unknown as Record<string, (...v: unknown[]) => void>)[method]?.(...values);
      },
      ...Object.fromEntries(later.map((method) => [method, (...values: unknown[]) => this.#call([method, ...values])])),
    };
    page.tenet = tenet as unknown as Tenet;
    const queued = Array.isArray(before) ? (before as Call[]) : (before?.q ?? []);
    tenet.push(...queued);
    return true;
  }

  ready(widget: Widget): void {
    this.#widget = widget;
    for (const call of this.#waiting) this.#call(call);
    this.#waiting = [];
  }

  #call(call: Call): void {
    if (!this.#widget) {
      this.#waiting.push(call);
      return;
    }
    const [method, ...values] = call;
    (this.#widget as unknown as Record<string, (...v: unknown[]) => void>)[method]?.(...values);
  }
}
