import { type Api, ApiError } from "./api";
import { EventParser } from "./events";
import type { ServerEvent } from "./protocol";
import { waitBefore } from "./timing";

/** The server sends a comment every 15 s; two missed ones mean a dead connection. */
const silenceMs = 40_000;

export interface StreamListener {
  onEvent(event: ServerEvent): void;
  onConnected(connected: boolean): void;
  /** The server refused the connection for good: the token or the conversation is gone. */
  onRefused(status: number): void;
}

/** Keeps one event stream open: reconnects with growing, jittered waits and resumes where it stopped. */
export class Stream {
  readonly #api: Api;
  readonly #listener: StreamListener;
  /** "0" replays a conversation from its start. */
  #lastEventId = "0";
  /** Which run may act; 0 is none. An older run ends when it notices. */
  #run = 0;
  #runs = 0;
  #failures = 0;
  #connection: AbortController | null = null;
  #wake: (() => void) | null = null;

  constructor(api: Api, listener: StreamListener) {
    this.#api = api;
    this.#listener = listener;
  }

  /** Stops, and next time goes on after this event. */
  rewind(lastEventId: string): void {
    this.stop();
    this.#lastEventId = lastEventId;
  }

  /** Goes on after the last event seen; cuts a wait short. */
  resume(): void {
    this.#wake?.();
    if (!this.#run) void this.#keepReading((this.#run = ++this.#runs));
  }

  stop(): void {
    this.#run = 0;
    this.#connection?.abort();
    this.#wake?.();
  }

  async #keepReading(run: number): Promise<void> {
    this.#failures = 0;
    while (run === this.#run) {
      try {
        await this.#read(run);
      } catch (error) {
        if (run === this.#run && error instanceof ApiError && !error.passing) {
          this.#run = 0;
          return this.#listener.onRefused(error.status);
        }
      }
      if (run !== this.#run) return;
      if (++this.#failures > 1) this.#listener.onConnected(false);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, waitBefore(this.#failures));
      });
    }
  }

  async #read(run: number): Promise<void> {
    const connection = (this.#connection = new AbortController());
    const abort = () => connection.abort();
    let watchdog = setTimeout(abort, silenceMs);
    const parser = new EventParser(this.#lastEventId);
    try {
      const reader = (await this.#api.events(this.#lastEventId, connection.signal)).getReader();
      this.#listener.onConnected(true);
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        this.#failures = 0;
        clearTimeout(watchdog);
        watchdog = setTimeout(abort, silenceMs);
        for (const { type, data } of parser.push(value)) {
          const event = parse(type, data);
          if (event && run === this.#run) this.#listener.onEvent(event);
        }
        if (run !== this.#run) return;
        this.#lastEventId = parser.lastEventId ?? this.#lastEventId;
      }
    } finally {
      clearTimeout(watchdog);
      abort();
    }
  }
}

function parse(type: string, data: string): ServerEvent | null {
  try {
    return { ...(JSON.parse(data) as object), type } as ServerEvent;
  } catch {
    return null;
  }
}
