/** What the browser keeps for a visitor, for all tabs. */
export interface Remembered {
  visitorId: string;
  token: string;
  /** The number of the last message seen. */
  read: number;
}

export interface Unsent {
  clientId: string;
  text: string;
  at: string;
}

/** Of one browser tab: survives its reload, not its end. */
export interface TabMemory {
  open: boolean;
  draft: string;
  unsent: Unsent[];
  /** What the visitor said to the question for their age. */
  ofAge?: boolean;
}

export class Memory {
  readonly #visitor: Slot<Remembered>;
  readonly #tab: Slot<TabMemory>;

  constructor(key: string) {
    this.#visitor = new Slot("localStorage", `tenet:${key}`);
    this.#tab = new Slot("sessionStorage", `tenet:${key}`);
  }

  /** Read afresh each time: another tab may have begun or read on. */
  get remembered(): Remembered | null {
    const visitor = this.#visitor.read();
    return typeof visitor?.token === "string" ? visitor : null;
  }

  remember(visitor: Remembered | null): void {
    this.#visitor.write(visitor);
  }

  markRead(seq: number): void {
    const visitor = this.remembered;
    if (visitor && seq > visitor.read) this.remember({ ...visitor, read: seq });
  }

  get ofTab(): TabMemory {
    return { open: false, draft: "", unsent: [], ...this.#tab.read() };
  }

  keepOfTab(values: Partial<TabMemory>): void {
    this.#tab.write({ ...this.ofTab, ...values });
  }
}

/** One value in the browser's storage. That may be closed to us (sandboxes, full disks): then the value lasts as long as the page. */
class Slot<T> {
  #value: string | null = null;

  constructor(
    readonly kind: "localStorage" | "sessionStorage",
    readonly name: string,
  ) {}

  read(): T | null {
    try {
      return JSON.parse(window[this.kind].getItem(this.name) ?? "null") as T | null;
    } catch {
      return JSON.parse(this.#value ?? "null") as T | null;
    }
  }

  write(value: T | null): void {
    this.#value = JSON.stringify(value);
    try {
      if (value) window[this.kind].setItem(this.name, this.#value);
      else window[this.kind].removeItem(this.name);
    } catch {
      // kept in #value
    }
  }
}
