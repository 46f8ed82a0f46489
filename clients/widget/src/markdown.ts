import { type Inline, parseInline } from "./inline";

/** The part of Markdown that answers use, as data. There is no HTML in it: a tag is text. */
export type Block =
  | { kind: "paragraph" | "heading"; content: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; start: number | null; items: Block[][] }
  | { kind: "table"; rows: Inline[][][] }
  | { kind: "rule" };

const longestText = 40_000;
const deepest = 6;

const fence = /^ {0,3}(`{3,}|~{3,})/;
const heading = /^ {0,3}#{1,6}\s+/;
const rule = /^ {0,3}([-*_])( *\1){2,} *$/;
const quote = /^ {0,3}> ?/;
const bullet = /^( {0,3})([-*+]|\d{1,9}[.)])( {1,4}|$)/;
const tableLine = /^\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?$/;

export function parseMarkdown(text: string): Block[] {
  return parseBlocks(text.slice(0, longestText).replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n"), 0);
}

function parseBlocks(lines: string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  const peek = (offset = 0): string => lines[at + offset] ?? "";

  while (at < lines.length) {
    const line = peek();
    if (!line.trim()) {
      at++;
    } else if (fence.test(line)) {
      blocks.push(readFence());
    } else if (heading.test(line)) {
      blocks.push({ kind: "heading", content: parseInline(line.replace(heading, "").trim()) });
      at++;
    } else if (rule.test(line)) {
      blocks.push({ kind: "rule" });
      at++;
    } else if (quote.test(line) && depth < deepest) {
      blocks.push({ kind: "quote", blocks: parseBlocks(take(quote), depth + 1) });
    } else if (bullet.test(line) && depth < deepest) {
      blocks.push(readList());
    } else if (isTable()) {
      blocks.push(readTable());
    } else {
      blocks.push(readParagraph());
    }
  }
  return blocks;

  function readFence(): Block {
    const mark = (fence.exec(peek()) as RegExpExecArray)[1] as string;
    const text: string[] = [];
    for (at++; at < lines.length && !peek().trimStart().startsWith(mark); at++) text.push(peek());
    at++;
    return { kind: "code", text: text.join("\n") };
  }

  function take(prefix: RegExp): string[] {
    const taken: string[] = [];
    for (; at < lines.length && prefix.test(peek()); at++) taken.push(peek().replace(prefix, ""));
    return taken;
  }

  function readList(): Block {
    const first = bullet.exec(peek()) as RegExpExecArray;
    const ordered = /\d/.test(first[2] as string);
    const items: Block[][] = [];
    for (let match: RegExpExecArray | null = first; match; match = at < lines.length ? bullet.exec(peek()) : null) {
      if (/\d/.test(match[2] as string) !== ordered || rule.test(peek())) break;
      items.push(parseBlocks(readItem(match), depth + 1));
    }
    return { kind: "list", start: ordered ? Number.parseInt(first[2] as string, 10) : null, items };
  }

  /** The lines that belong to an item: indented ones, blank ones between them, and the rest of its first paragraph. */
  function readItem(match: RegExpExecArray): string[] {
    const base = (match[1] as string).length;
    const indent = match[0].length;
    const item = [peek().slice(indent)];
    for (at++; at < lines.length; at++) {
      const line = peek();
      const spaces = line.length - line.trimStart().length;
      if (!line.trim()) {
        const next = lines.slice(at + 1, at + 4).find((l) => l.trim()) ?? "";
        if (next.length - next.trimStart().length < base + 2) {
          if (bullet.test(next)) at++; // a loose list goes on
          break;
        }
        item.push("");
      } else if (spaces >= base + 2) {
        item.push(line.slice(Math.min(spaces, indent)));
      } else if (startsBlock(line)) {
        break;
      } else {
        item.push(line.trimStart());
      }
    }
    return item;
  }

  function isTable(): boolean {
    return peek().includes("|") && peek(1).includes("-") && tableLine.test(peek(1).trim());
  }

  function readTable(): Block {
    const rows = [cells(peek())];
    for (at += 2; at < lines.length && peek().includes("|"); at++) rows.push(cells(peek()));
    return { kind: "table", rows };
  }

  function readParagraph(): Block {
    const text = [peek().trim()];
    for (at++; at < lines.length && peek().trim() && !startsBlock(peek()) && !isTable(); at++) text.push(peek().trim());
    return { kind: "paragraph", content: parseInline(text.join("\n")) };
  }
}

function startsBlock(line: string): boolean {
  return fence.test(line) || heading.test(line) || rule.test(line) || quote.test(line) || bullet.test(line);
}

function cells(row: string): Inline[][] {
  const inner = row.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split("|").map((cell) => parseInline(cell.trim()));
}
