import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const source = new URL("../tenet_copilot/static/src/", import.meta.url);
const asUrl = (text) => "data:text/javascript;base64," + Buffer.from(text).toString("base64");
const text = (name) => readFile(new URL(name, source), "utf8");
const load = async (name) => import(asUrl(await text(name)));
const { EventReader, readStream } = await load("stream.js");
const { blocks, spans } = await load("markdown.js");
const tenetUrl = asUrl((await text("tenet.js")).replace('"./stream"', JSON.stringify(asUrl(await text("stream.js")))));
const { Refused, Tenet } = await import(tenetUrl);
const stubs = "const _t = (text) => text; const registry = { category: () => ({ add() {} }) }; const reactive = (one) => one;\n";
const service = (await text("copilot_service.js")).replace('"./tenet"', JSON.stringify(tenetUrl)).replace(/^import .* from "@.*$/gm, "");
const { Copilot } = await import(asUrl(stubs + service));

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

/** A Tenet whose answers to one path are given in order; grants are made as they come. */
function fake(answers) {
    const calls = [];
    let grants = 0;
    let tokens = 0;
    globalThis.fetch = async (url, { method, headers, body, credentials }) => {
        const path = url.slice("https://t".length);
        calls.push({ method, path, token: headers.Authorization, body: body && JSON.parse(body), credentials });
        const given = path.startsWith("/grants") ? null : answers.shift();
        const [status, value] = given ?? [201, { sid: `s${++grants}`, refresh_token: `r${grants}` }];
        return new Response(JSON.stringify(value), { status });
    };
    const tenet = new Tenet("https://t", async (sid) => `t${++tokens}-${sid}`);
    return { tenet, calls, paths: () => calls.map((call) => call.path) };
}

test("Each request has its own token and no cookies", async () => {
    const { tenet, calls, paths } = fake([[200, { a: 1 }], [200, { a: 2 }]]);
    assert.deepEqual(await tenet.json("GET", "/settings"), { a: 1 });
    await tenet.json("GET", "/settings");
    assert.deepEqual(paths(), ["/grants", "/settings", "/settings"]);
    assert.deepEqual(calls.map((call) => call.token), ["Bearer t1-null", "Bearer t2-s1", "Bearer t3-s1"]);
    assert.ok(calls.every((call) => call.credentials === "omit"));
});

test("Stale grant is refreshed with its refresh token, and the request repeated once", async () => {
    const { tenet, calls, paths } = fake([[401, { code: "grant_stale" }], [200, {}]]);
    await tenet.json("GET", "/settings");
    assert.deepEqual(paths(), ["/grants", "/settings", "/grants/refresh", "/settings"]);
    assert.deepEqual(calls[2].body, { refresh_token: "r1" });
    assert.equal(tenet.refreshToken, "r2");
});

test("Ended grant is replaced by a new one", async () => {
    const { tenet, paths } = fake([[401, { code: "grant_ended" }], [200, {}]]);
    await tenet.json("GET", "/settings");
    assert.deepEqual(paths(), ["/grants", "/settings", "/grants", "/settings"]);
});

test("Refusal is told once, with its code", async () => {
    const { tenet, paths } = fake([[402, { code: "no_credits" }]]);
    await assert.rejects(tenet.json("POST", "/turns", {}), (error) => error instanceof Refused && error.code === "no_credits" && error.status === 402);
    assert.deepEqual(paths(), ["/grants", "/turns"]);
    const again = fake([[401, { code: "grant_stale" }], [401, { code: "grant_stale" }]]);
    await assert.rejects(again.tenet.json("GET", "/settings"), (error) => error.code === "grant_stale");
});

test("Two requests at once open one grant", async () => {
    const { tenet, paths } = fake([[200, {}], [200, {}]]);
    await Promise.all([tenet.json("GET", "/settings"), tenet.json("GET", "/credits")]);
    assert.equal(paths().filter((path) => path === "/grants").length, 1);
});

/** The panel's state over an Odoo and a Tenet of the test's own, and what it keeps of a card's end. */
function panel(answers, odoo = {}) {
    const kept = [];
    const orm = { call: async (_, method, args) => (method === "copilot_decided" ? kept.push(args[2]?.state ?? null) : odoo[method]?.(...args)) };
    const copilot = new Copilot({}, orm);
    const { tenet, paths } = fake(answers);
    copilot.tenet = tenet;
    const card = { id: "c1", action: "update_record", model: "res.partner", ids: [7], changes: [], hash: "h", ticket: "t" };
    return { copilot, kept, paths, card, message: { id: 1, approvals: [card] } };
}

test("Approval whose answer is lost is done when Odoo says so", async () => {
    const { copilot, kept, card, message, paths } = panel([[502, {}]], { copilot_was_done: () => true });
    await copilot.decide(message, card, "approve");
    assert.deepEqual([card.outcome, card.busy, kept], [{ state: "done", model: "res.partner", ids: [7] }, false, ["done"]]);
    assert.deepEqual(paths(), ["/grants", "/approvals/c1"]);
});

test("Approval whose answer is lost is what Tenet knows of it: running, unknown after a while, or never arrived", async () => {
    const { copilot, kept, card, message } = panel([[502, {}], [200, { state: "executing" }], [200, { state: "unknown" }]]);
    await copilot.decide(message, card, "approve");
    assert.equal(card.outcome.state, "executing");
    await copilot.look(message, card);
    assert.deepEqual([card.outcome.state, kept], ["unknown", ["executing", "unknown"]]);
    const never = panel([[502, {}], [200, { state: "waiting" }]]);
    await never.copilot.decide(never.message, never.card, "approve");
    assert.deepEqual([never.card.outcome, never.kept], [null, [null]]);
});

test("Approval that was decided before shows how, and without any answer stays to be looked for", async () => {
    const before = panel([[409, { code: "decided" }], [200, { state: "declined" }]]);
    await before.copilot.decide(before.message, before.card, "approve");
    assert.equal(before.card.outcome.state, "declined");
    const gone = panel([[502, {}], [502, {}]]);
    await gone.copilot.decide(gone.message, gone.card, "approve");
    assert.deepEqual([gone.card.outcome.state, gone.kept], ["lost", ["lost"]]);
});

test("Chat that is opened again looks for what became of its cards", async () => {
    const { copilot, card, message } = panel([[200, { state: "failed" }]], { copilot_messages: () => [message] });
    card.outcome = { state: "executing" };
    await copilot.show({ id: 1 });
    while (card.outcome.state === "executing") {
        await new Promise(setImmediate);
    }
    assert.equal(card.outcome.state, "failed");
});
