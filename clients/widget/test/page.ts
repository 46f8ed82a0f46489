/** As much of a document as the renderer may touch. What is missing here (innerHTML above all) it must not use. */
export class FakeNode {
  readonly nodeType = 1;
  readonly childNodes: (FakeNode | string)[] = [];
  readonly attributes = new Map<string, string>();
  className = "";

  constructor(readonly tag: string) {}

  append(...nodes: (FakeNode | string)[]): void {
    this.childNodes.push(...nodes);
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  get target(): string {
    return this.attributes.get("target") ?? "";
  }

  /** Reads like HTML; text is escaped so that a tag in it shows as text. */
  toString(): string {
    const attributes = [...this.attributes].map(([name, value]) => ` ${name}="${value}"`).join("");
    const inner = this.childNodes.map((child) => (typeof child === "string" ? escape(child) : String(child))).join("");
    if (this.tag === "#text") return inner;
    return `<${this.tag}${this.className && ` class="${this.className}"`}${attributes}>${inner}</${this.tag}>`;
  }

  /** Every element in it, itself included. */
  all(): FakeNode[] {
    return [this, ...this.childNodes.flatMap((child) => (typeof child === "string" ? [] : child.all()))].filter((n) => n.tag !== "#text");
  }
}

export function installPage(): void {
  const document = {
    createElement: (tag: string) => new FakeNode(tag),
    createTextNode: (text: string) => {
      const node = new FakeNode("#text");
      node.append(text);
      return node;
    },
  };
  Object.assign(globalThis, { document, location: { origin: "https://shop.example" } });
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
