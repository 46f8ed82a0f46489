import type { Inline } from "../inline";
import { type Block, parseMarkdown } from "../markdown";
import { add, h } from "./dom";

/** What to show for `[n]`; null leaves the text as it stands. */
export type Cite = (number: number) => Node | null;

/** Builds the nodes of an answer. Only elements named here can come out, whatever the text says. */
export function renderMarkdown(text: string, cite: Cite): Node[] {
  return renderBlocks(parseMarkdown(text), cite);
}

/** A link that leaves the site opens in a new tab; one within the site stays here, and the chat survives the step. */
export function linkTo(href: string, ...content: (Node | string)[]): HTMLAnchorElement {
  const away = !isHere(href);
  const anchor = h("a", { href, rel: "noopener noreferrer", target: away ? "_blank" : null });
  add(anchor, ...content);
  return anchor;
}

function isHere(href: string): boolean {
  try {
    return new URL(href).origin === location.origin;
  } catch {
    return false;
  }
}

function renderBlocks(blocks: readonly Block[], cite: Cite): Node[] {
  return blocks.map((block) => renderBlock(block, cite));
}

function renderBlock(block: Block, cite: Cite): Node {
  switch (block.kind) {
    case "paragraph":
      return h("p", ...renderInlines(block.content, cite));
    case "heading":
      // A chat message has no place in the page's outline.
      return h("p.heading", ...renderInlines(block.content, cite));
    case "code":
      return h("pre", { tabindex: 0 }, h("code", block.text));
    case "quote":
      return h("blockquote", ...renderBlocks(block.blocks, cite));
    case "rule":
      return h("hr");
    case "list":
      return h(
        block.start === null ? "ul" : "ol",
        { start: block.start !== null && block.start !== 1 ? block.start : null },
        ...block.items.map((item) => h("li", ...renderItem(item, cite))),
      );
    case "table":
      return renderTable(block.rows, cite);
  }
}

/** A first paragraph of an item stands without its own margins. */
function renderItem([first, ...rest]: readonly Block[], cite: Cite): Node[] {
  if (!first) return [];
  return [...(first.kind === "paragraph" ? renderInlines(first.content, cite) : [renderBlock(first, cite)]), ...renderBlocks(rest, cite)];
}

function renderTable([header = [], ...rows]: readonly Inline[][][], cite: Cite): Node {
  const head = h("tr", ...header.map((cell) => h("th", { scope: "col" }, ...renderInlines(cell, cite))));
  const body = rows.map((row) => h("tr", ...header.map((_, i) => h("td", ...renderInlines(row[i] ?? [], cite)))));
  return h("div.table", { tabindex: 0 }, h("table", h("thead", head), h("tbody", ...body)));
}

function renderInlines(inlines: readonly Inline[], cite: Cite): Node[] {
  return inlines.map((inline, i) => renderInline(inline, inlines[i + 1], cite));
}

function renderInline(inline: Inline, next: Inline | undefined, cite: Cite): Node {
  switch (inline.kind) {
    case "text":
      // A badge does not begin a line.
      return document.createTextNode(next?.kind === "citation" ? inline.text.replace(/ $/, "\u00a0") : inline.text);
    case "code":
      return h("code", inline.text);
    case "strong":
      return h("strong", ...renderInlines(inline.content, cite));
    case "emphasis":
      return h("em", ...renderInlines(inline.content, cite));
    case "link":
      return linkTo(inline.href, ...renderInlines(inline.content, cite));
    case "citation":
      return cite(inline.number) ?? document.createTextNode(`[${inline.number}]`);
    case "break":
      return h("br");
  }
}
