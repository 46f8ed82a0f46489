export type Topic = "message" | "open" | "close" | "unread";
type Listener = (value?: unknown) => void;

/** Tells the page's own scripts. A listener that throws harms nobody else. */
export class Emitter {
  #listeners: readonly (readonly [Topic, Listener])[] = [];

  on(topic: Topic, listener: Listener): void {
    this.#listeners = [...this.#listeners, [topic, listener]];
  }

  off(topic: Topic, listener: Listener): void {
    this.#listeners = this.#listeners.filter(([t, l]) => t !== topic || l !== listener);
  }

  emit(topic: Topic, value?: unknown): void {
    for (const [wanted, listener] of this.#listeners) {
      try {
        if (wanted === topic) listener(value);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
