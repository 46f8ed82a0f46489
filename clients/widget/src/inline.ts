export type Inline =
  | { kind: "text" | "code"; text: string }
  | { kind: "strong" | "emphasis"; content: Inline[] }
  | { kind: "link"; href: string; content: Inline[] }
  | { kind: "citation"; number: number }
  | { kind: "break" };

const special = /\\[!-/:-@[-`{-~]|`+|\*{1,3}|_{1,3}|!?\[|https?:\/\/|\n/g;
const citation = /\[(\d{1,3})\](?!\()/y;
const link = /\[([^[\]]*(?:\[[^[\]]*\][^[\]]*)*)\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+"[^"\n]*")?\s*\)/y;
const bare = /https?:\/\/[^\s<>"`]+/iy;
const deepest = 8;

/** An address that may be clicked, or null. Only whole addresses of these three schemes, and none that hides its host behind a user name. */
export function safeHref(address: string): string | null {
  try {
    const url = new URL(address);
    return /^(https?|mailto):$/.test(url.protocol) && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}

/** Parses in one pass; a mark without its partner is text. `depth` bounds nesting, `inLink` forbids links in links. */
export function parseInline(text: string, depth = 0, inLink = false): Inline[] {
  const out: Inline[] = [];
  const hopeless = new Set<string>();
  let plain = "";
  let at = 0;

  const push = (inline: Inline) => {
    if (plain) out.push({ kind: "text", text: plain });
    plain = "";
    out.push(inline);
  };
  const inner = (from: number, to: number, link = inLink) => parseInline(text.slice(from, to), depth + 1, link);

  while (at < text.length) {
    special.lastIndex = at;
    const match = special.exec(text);
    if (!match) break;
    plain += text.slice(at, match.index);
    at = match.index;
    const end = readMark(match[0]);
    if (end > at) {
      at = end;
    } else {
      plain += match[0];
      at += match[0].length;
    }
  }
  plain += text.slice(at);
  if (plain) out.push({ kind: "text", text: plain });
  return out;

  /** Reads what begins with `mark`; returns where it ends, or `at` when it is only text. */
  function readMark(mark: string): number {
    if (mark === "\n") {
      push({ kind: "break" });
      return at + 1;
    }
    if (mark.startsWith("\\")) {
      plain += mark[1];
      return at + 2;
    }
    if (mark.startsWith("`")) return readCode(mark);
    if (mark.endsWith("[")) return readBracket(mark.length - 1);
    if (mark.startsWith("http")) return readAddress();
    return depth < deepest ? readEmphasis(mark) : at;
  }

  function readCode(mark: string): number {
    const close = findRun(mark, at + mark.length);
    if (close < 0) return at;
    push({ kind: "code", text: text.slice(at + mark.length, close).trim() });
    return close + mark.length;
  }

  function readEmphasis(mark: string): number {
    const from = at + mark.length;
    if (/\s/.test(text[from] ?? " ") || (mark[0] === "_" && /\w/.test(text[at - 1] ?? ""))) return at;
    const close = findRun(mark, from + 1);
    if (close < 0 || /\s/.test(text[close - 1] as string)) return at;
    if (mark[0] === "_" && /\w/.test(text[close + mark.length] ?? "")) return at;
    const content = inner(from, close);
    if (mark.length === 1) push({ kind: "emphasis", content });
    else push({ kind: "strong", content: mark.length === 3 ? [{ kind: "emphasis", content }] : content });
    return close + mark.length;
  }

  function readBracket(bang: number): number {
    citation.lastIndex = at;
    const cited = bang ? null : citation.exec(text);
    if (cited) {
      push({ kind: "citation", number: Number(cited[1]) });
      return citation.lastIndex;
    }
    link.lastIndex = at + bang;
    const found = link.exec(text);
    if (!found) return at;
    const [, label = "", address = ""] = found;
    const end = at + bang + found[0].length;
    const href = bang || inLink || depth >= deepest ? null : safeHref(address);
    // An image is its description: loading it would tell its host who reads this.
    if (bang) plain += label;
    else if (href) push({ kind: "link", href, content: inner(at + 1, at + 1 + label.length, true) });
    else for (const part of inner(at + 1, at + 1 + label.length)) push(part);
    return end;
  }

  function readAddress(): number {
    bare.lastIndex = at;
    const address = withoutTail(bare.exec(text)?.[0] ?? "");
    const href = inLink ? null : safeHref(address);
    if (!href) return at;
    push({ kind: "link", href, content: [{ kind: "text", text: address }] });
    return at + address.length;
  }

  /** Finds a run of exactly these characters; remembers a mark that has none left, so that the search stays linear. */
  function findRun(mark: string, from: number): number {
    if (hopeless.has(mark)) return -1;
    for (let i = text.indexOf(mark, from); i >= 0;) {
      let end = i;
      while (text[end] === mark[0]) end++;
      if (end - i === mark.length && text[i - 1] !== "\\") return i;
      i = text.indexOf(mark, end);
    }
    hopeless.add(mark);
    return -1;
  }
}

/** A bare address does not own the full stop or the bracket that ends the sentence around it. */
function withoutTail(address: string): string {
  let kept = address.replace(/[.,;:!?'"*_~\]]+$/, "");
  while (kept.endsWith(")") && kept.split(")").length > kept.split("(").length) kept = kept.slice(0, -1);
  return kept;
}
