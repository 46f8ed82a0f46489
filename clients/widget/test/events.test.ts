import assert from "node:assert/strict";
import { test } from "node:test";
import { EventParser, type StreamEvent } from "../src/events";
import { waitBefore } from "../src/timing";

const encode = (text: string) => new TextEncoder().encode(text);

function read(text: string, cuts: number[] = []): { events: StreamEvent[]; lastEventId: string | null } {
  const bytes = encode(text);
  const parser = new EventParser();
  const edges = [0, ...cuts, bytes.length];
  const events = edges.slice(1).flatMap((end, i) => parser.push(bytes.slice(edges[i], end)));
  return { events, lastEventId: parser.lastEventId };
}

const stream =
  '\uFEFF: ping\r\nid: 1\r\nevent: delta\r\ndata: {"text":"ü€😀"}\r\n\r\nid: 2\ndata: one\ndata:two\ndata\n\ndata: three\r\revent: none\n\n';
const expected = {
  events: [
    { type: "delta", data: '{"text":"ü€😀"}' },
    { type: "message", data: "one\ntwo\n" },
    { type: "message", data: "three" },
  ],
  lastEventId: "2",
};

test("Reads types, ids, comments, lines of data and all three line ends", () => {
  assert.deepEqual(read(stream), expected);
});

test("The same events come out wherever the stream is cut", () => {
  const length = encode(stream).length;
  for (let cut = 1; cut < length; cut++) assert.deepEqual(read(stream, [cut]), expected, `cut at ${cut}`);
  assert.deepEqual(
    read(
      stream,
      Array.from({ length: length - 1 }, (_, i) => i + 1),
    ),
    expected,
  );
});

test("An event that has not ended is not there, and its id does not count", () => {
  assert.deepEqual(read("id: 1\ndata: a\n\nid: 2\ndata: b\n"), { events: [{ type: "message", data: "a" }], lastEventId: "1" });
});

test("An id with a null character is ignored, an empty one clears", () => {
  assert.equal(read("id: 1\ndata: a\n\nid: 2\u00003\ndata: b\n\n").lastEventId, "1");
  assert.equal(read("id: 1\ndata: a\n\nid\ndata: b\n\n").lastEventId, "");
});

test("A resumed stream starts from the id that it was given", () => {
  assert.equal(new EventParser("7.t.12").lastEventId, "7.t.12");
});

test("A line without an end does not fill the memory", () => {
  const parser = new EventParser();
  const piece = encode("x".repeat(1_000_000));
  assert.throws(() => {
    for (let i = 0; i < 10; i++) parser.push(piece);
  }, /without an end/);
});

test("Waits grow, stay below half a minute, and differ", () => {
  assert.ok(waitBefore(1, () => 1) <= 500);
  assert.ok(waitBefore(4, () => 0) >= 1000);
  assert.equal(
    waitBefore(30, () => 1),
    30_000,
  );
  assert.ok(waitBefore(3, () => 0) < waitBefore(3, () => 1));
});
