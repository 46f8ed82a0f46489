type Listener = (value?: unknown) => void;

const topics = ["message", "open", "close", "unread"] as const;
export type Topic = (typeof topics)[number];

/** Tells the page's own scripts. A listener that throws harms nobody else. */
export class Emitter {
  readonly #listeners = new Map<Topic, Set<Listener>>(topics.map((topic) => [topic, new Set()]));

  on(topic: Topic, listener: Listener): void {
    this.#of(topic).add(listener);
  }

  off(topic: Topic, listener: Listener): void {
    this.#of(topic).delete(listener);
  }

  emit(topic: Topic, value?: unknown): void {
    for (const listener of [...this.#of(topic)]) {
      try {
        listener(value);
      } catch (error) {
        reportError(error);
      }
    }
  }

  #of(topic: Topic): Set<Listener> {
    const set = this.#listeners.get(topic);
    if (!set) throw new TypeError(`tenet.on: there is no event "${topic}". There are: ${topics.join(", ")}.`);
    return set;
  }
}
