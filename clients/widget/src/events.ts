/** One event of a `text/event-stream`, as the HTML standard reads it. */
export interface StreamEvent {
  type: string;
  data: string;
}

/** More than this without a line end is not a stream of ours. */
const longestBuffer = 4_000_000;

/**
 * Reads `text/event-stream` from pieces cut anywhere: inside a line, a CRLF or a UTF-8 sequence.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventParser {
  /** Goes back to the server as Last-Event-ID after a break; set when an event is complete, not before. */
  lastEventId: string | null;
  readonly #decoder = new TextDecoder();
  #buffer = "";
  #afterCarriageReturn = false;
  #type = "";
  #data: string[] = [];
  #id: string | null;

  constructor(lastEventId: string | null = null) {
    this.lastEventId = this.#id = lastEventId;
  }

  push(bytes: Uint8Array): StreamEvent[] {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (!text) return [];
    if (this.#afterCarriageReturn && text.startsWith("\n")) text = text.slice(1);
    this.#afterCarriageReturn = text ? text.endsWith("\r") : false;

    const lines = (this.#buffer + text).split(/\r\n|\n|\r/);
    this.#buffer = lines.pop() ?? "";
    if (this.#buffer.length > longestBuffer) throw new Error("A line without an end.");

    const events: StreamEvent[] = [];
    for (const line of lines) {
      const event = this.#read(line);
      if (event) events.push(event);
    }
    return events;
  }

  #read(line: string): StreamEvent | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);

    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#type = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  #dispatch(): StreamEvent | null {
    this.lastEventId = this.#id;
    const event = this.#data.length ? { type: this.#type || "message", data: this.#data.join("\n") } : null;
    this.#type = "";
    this.#data = [];
    return event;
  }
}
