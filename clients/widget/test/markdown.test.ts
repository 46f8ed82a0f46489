import assert from "node:assert/strict";
import { test } from "node:test";
import type { Citation } from "../src/protocol";
import { renderMarkdown } from "../src/view/markdown";
import { citing, trail } from "../src/view/sources";
import { withoutOpenEnd } from "../src/view/tail";
import en from "../src/i18n/en.json";
import { FakeNode, installPage } from "./page";

installPage();

const citations: Citation[] = [
  { number: 1, title: "Returns", heading: "Returns › Exchanging an item", url: "https://shop.example/returns#exchange" },
  { number: 2, title: "Bad", heading: "", url: "javascript:alert(1)" },
];

function nodes(text: string, known: Citation[] | null = citations): FakeNode[] {
  return renderMarkdown(text, citing(known, en)) as unknown as FakeNode[];
}
const html = (text: string, known: Citation[] | null = citations) => nodes(text, known).join("");

test("Paragraphs, breaks, emphasis and code", () => {
  assert.equal(
    html("One **two** *three*\nfour\n\n`five`"),
    "<p>One <strong>two</strong> <em>three</em><br></br>four</p><p><code>five</code></p>",
  );
  assert.equal(html("***both*** __strong__ _soft_"), "<p><strong><em>both</em></strong> <strong>strong</strong> <em>soft</em></p>");
});

test("Marks without a partner and words with underscores stay text", () => {
  assert.equal(html("2 * 3 * 4, snake_case_name, **open, \\*literal\\*"), "<p>2 * 3 * 4, snake_case_name, **open, *literal*</p>");
});

test("HTML is text", () => {
  assert.equal(html("<img src=x onerror=alert(1)>"), "<p>&lt;img src=x onerror=alert(1)&gt;</p>");
  assert.equal(html("<script>alert(1)</script>"), "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
});

test("Links lead only to http, https and mailto", () => {
  assert.match(html("[shop](https://shop.example/a)"), /<a href="https:\/\/shop\.example\/a" rel="noopener noreferrer">shop<\/a>/);
  assert.match(html("[post](mailto:a@b.example)"), /href="mailto:a@b\.example"/);
  for (const address of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:x",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc",
    "//evil",
    "/relative",
  ]) {
    assert.equal(html(`[text](${address})`).includes("<a"), false, address);
  }
});

test("A link does not hide its host behind a user name", () => {
  assert.equal(html("[bank](https://bank.example@evil.example/)"), "<p>bank</p>");
});

test("Links that leave the site open a new tab, links within it do not", () => {
  assert.match(html("[away](https://other.example/)"), /target="_blank"/);
  assert.doesNotMatch(html("[here](https://shop.example/x)"), /target/);
});

test("Bare addresses are links without the sentence's full stop", () => {
  assert.match(html("See (https://shop.example/a_(b))."), />https:\/\/shop\.example\/a_\(b\)<\/a>\)\./);
});

test("Images are only their description", () => {
  assert.equal(html("![a cat](https://evil.example/pixel.png)"), "<p>a cat</p>");
  assert.equal(html("[![alt](https://e.example/p.png)](https://shop.example/)").includes("img"), false);
});

test("Citations become badges that lead to the source", () => {
  const badge = html("In its bag [1].");
  assert.match(badge, /<p>In its bag\u00a0<a class="badge" href="https:\/\/shop\.example\/returns#exchange"/);
  assert.match(badge, /aria-label="Source 1: Returns › Exchanging an item">1<\/a>\.<\/p>/);
});

test("A citation without a source, or with a source that is no address, stays text", () => {
  assert.equal(html("a [7] b [2]"), "<p>a\u00a0[7] b\u00a0[2]</p>");
});

test("While the answer streams, badges have no link yet and a half-written mark is not shown", () => {
  assert.equal(html("a [1]", null), '<p>a\u00a0<span class="badge">1</span></p>');
  assert.equal(withoutOpenEnd("unused [1"), "unused ");
  assert.equal(withoutOpenEnd("see [the page](https://shop"), "see ");
  assert.equal(withoutOpenEnd("is **"), "is ");
  assert.equal(withoutOpenEnd("is **very bold "), "is **very bold**");
});

test("Lists nest and keep their number", () => {
  assert.equal(html("- a\n- b\n  - c\n- d"), "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>");
  assert.equal(html("3. c\n4. d"), '<ol start="3"><li>c</li><li>d</li></ol>');
  assert.equal(html("1. a\n\n2. b"), "<ol><li>a</li><li>b</li></ol>");
  assert.equal(html("Text:\n- a\n- b"), "<p>Text:</p><ul><li>a</li><li>b</li></ul>");
});

test("Headings, quotes, rules, code blocks and tables", () => {
  assert.equal(html("## Title"), '<p class="heading">Title</p>');
  assert.equal(html("> quoted\n> more"), "<blockquote><p>quoted<br></br>more</p></blockquote>");
  assert.equal(html("a\n\n---\n\nb"), "<p>a</p><hr></hr><p>b</p>");
  assert.match(html("```js\n<b>&[1]\n```"), /<pre[^>]*><code>&lt;b&gt;&amp;\[1\]<\/code><\/pre>/);
  assert.match(
    html("|a|b|\n|-|-|\n|1|2|"),
    /<th scope="col">a<\/th><th scope="col">b<\/th><\/tr><\/thead><tbody><tr><td>1<\/td><td>2<\/td>/,
  );
});

test("Whatever comes in, only known elements and attributes go out", () => {
  const tags = new Set("p strong em code a span br ul ol li pre blockquote hr div table thead tbody tr th td".split(" "));
  const attributes = new Set("href rel target title aria-label start tabindex scope".split(" "));
  const pieces = [
    "**",
    "*",
    "_",
    "`",
    "```\n",
    "[",
    "]",
    "(",
    ")",
    "[1]",
    "![",
    "<",
    ">",
    "http://a.b",
    "javascript:",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "> ",
    "# ",
    "|",
    "|-|-|\n",
    "\\",
    "x",
    " ",
    "\u0000",
    "\ud83d",
  ];
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: random(40) }, () => pieces[random(pieces.length)]).join("");
    for (const element of nodes(text).flatMap((node) => node.all())) {
      assert.ok(tags.has(element.tag), `${element.tag} from ${JSON.stringify(text)}`);
      for (const [name, value] of element.attributes) {
        assert.ok(attributes.has(name), `${name} from ${JSON.stringify(text)}`);
        if (name === "href") assert.match(value, /^(https?|mailto):/);
      }
    }
  }
});

test("Hostile lengths stay linear", () => {
  for (const piece of ["*", "**a ", "[", "[a](", "`", "_a ", "> ", "- ", "![", "[[a]", "|", "*a **b "]) html(piece.repeat(20_000));
  assert.ok(true);
});

test("A source's trail does not repeat the page's title", () => {
  const at = (title: string, heading: string) => trail({ number: 1, title, heading, url: "" });
  assert.equal(at("Returns", "Returns › Exchanging an item"), "Returns › Exchanging an item");
  assert.equal(at("Returns", "Exchanging an item"), "Returns › Exchanging an item");
  assert.equal(at("Returns", ""), "Returns");
  assert.equal(at("Manual", "SQL › Queries › Joins"), "Manual › Joins");
});
