import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const source = new URL("../tenet_copilot/static/src/", import.meta.url);
const load = async (name) => import("data:text/javascript;base64," + (await readFile(new URL(name, source))).toString("base64"));
const { EventReader, readStream } = await load("stream.js");
const { blocks, spans } = await load("markdown.js");

const EVENTS = 'event: status\ndata: {"state":"thinking"}\n\n: \n\nevent: delta\ndata: {"text":"grüße €"}\n\nevent: done\ndata: {"state":"answered"}\n\n';

const body = (bytes, size) => ({
    body: new ReadableStream({
        start(controller) {
            for (let at = 0; at < bytes.length; at += size) {
                controller.enqueue(bytes.slice(at, at + size));
            }
            controller.close();
        },
    }),
});

test("Stream cut at every byte gives the same events", async () => {
    const bytes = new TextEncoder().encode(EVENTS);
    for (let size = 1; size <= bytes.length; size++) {
        const seen = [];
        const ended = await readStream(body(bytes, size), (name, data) => seen.push([name, data]));
        assert.equal(ended, true);
        assert.deepEqual(seen, [
            ["status", { state: "thinking" }],
            ["delta", { text: "grüße €" }],
            ["done", { state: "answered" }],
        ]);
    }
});

test("Stream that ends early says so", async () => {
    const bytes = new TextEncoder().encode(EVENTS.slice(0, -50));
    assert.equal(await readStream(body(bytes, 9), () => {}), false);
});

test("Events with CRLF and damaged data", () => {
    const reader = new EventReader();
    assert.deepEqual(reader.push('event: a\r\ndata: {"x":1}\r\n\r\nevent: b\ndata: {oops\n\n'), [{ event: "a", data: { x: 1 } }]);
});

test("Markdown is data, HTML in it is text", () => {
    const [paragraph] = blocks('<img src=x onerror=alert(1)> **bold** [1]');
    assert.equal(paragraph.type, "paragraph");
    assert.deepEqual(
        paragraph.spans.map(({ type, text, n }) => [type, text ?? n]),
        [["text", "<img src=x onerror=alert(1)> "], ["bold", "bold"], ["text", " "], ["cite", 1]]
    );
});

test("Lists, tables, code and headings", () => {
    const found = blocks("# Title\n- a\n- b\n\n1. c\n\n| x | y |\n|---|--:|\n| 1 | 2 |\n```\n**raw**\n```");
    assert.deepEqual(found.map((block) => block.type), ["heading", "bullets", "numbers", "table", "code"]);
    assert.equal(found[3].rows.length, 2);
    assert.equal(found[4].text, "**raw**");
    assert.deepEqual(spans("a * b * c").map((span) => span.type), ["text"]);
});
