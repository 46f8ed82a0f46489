type Value = string | number | boolean | null | undefined | ((event: never) => void);
type Attributes = { readonly [name: string]: Value };
export type Child = Node | string | null | undefined | false;

type TagOf<S extends string> = S extends `${infer Tag}.${string}` ? Tag : S;
type ElementOf<S extends string> = TagOf<S> extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[TagOf<S>] : HTMLElement;

/**
 * Builds an element from `tag.class.class`, attributes and children, in any number.
 * Never sets a style attribute: the pages we live on may forbid it (CSP without unsafe-inline).
 */
export function h<S extends string>(tag: S, ...parts: (Attributes | Child)[]): ElementOf<S> {
  const [name = "", ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  add(element, ...parts);
  return element as ElementOf<S>;
}

export function add(to: Element, ...parts: (Attributes | Child)[]): void {
  for (const part of parts) {
    if (!part) continue;
    if (typeof part === "string" || isNode(part)) to.append(part);
    else set(to, part);
  }
}

export function replace(content: Element, ...parts: Child[]): void {
  content.replaceChildren();
  add(content, ...parts);
}

/** A button with its words, or with a symbol that is spoken as these words. */
export function button(kind: string, label: string, act: () => void, symbol?: Node): HTMLButtonElement {
  const element = h(`button.${kind}`, { type: "button", onclick: act }, symbol ?? label) as HTMLButtonElement;
  if (symbol) set(element, { "aria-label": label, title: label });
  return element;
}

/** `on…` values listen, `true` is an empty attribute, `false` and null are none. */
export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as unknown as EventListener);
    else if (value === false || value == null) element.removeAttribute(name);
    else {
      const text = value === true ? "" : String(value);
      if (element.getAttribute(name) !== text) element.setAttribute(name, text);
    }
  }
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Text that only a screen reader says. */
export function spoken(text: string): HTMLElement {
  return h("span.spoken", text);
}

function isNode(part: Attributes | Node): part is Node {
  return "nodeType" in part;
}

const paths = {
  chat: "M4 5h16v11H9l-5 4z",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9.5l6 6 6-6",
  restart: "M5.2 9.2A7.6 7.6 0 1 1 4.4 13M5 4.4v4.8h4.8",
  person: "M12 12.2a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.8 20a7.3 7.3 0 0 1 14.4 0",
  up: "M7.5 11v9H4v-9zM7.5 11l3.8-7.2a2.1 2.1 0 0 1 2.6 2.4L13.2 10h5.2a2 2 0 0 1 2 2.4l-1.2 6a2 2 0 0 1-2 1.6H7.5",
  warn: "M12 4l9 16H3zM12 10v4.5M12 17.2v.1",
} as const;

export type IconName = keyof typeof paths | "thumbDown";

export function icon(name: IconName, size = 18): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  set(svg, { width: size, height: size, viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": 1.9 });
  set(svg, { "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false" });
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  set(path, { d: paths[name === "thumbDown" ? "up" : name], transform: name === "thumbDown" ? "rotate(180 12 12)" : null });
  svg.appendChild(path);
  return svg;
}
