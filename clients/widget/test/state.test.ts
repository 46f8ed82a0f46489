import assert from "node:assert/strict";
import { test } from "node:test";
import type { Conversation, Message } from "../src/protocol";
import { type Action, emptyState, reduce, type State } from "../src/state";
import { rowsOf } from "../src/view/rows";

const at = "2026-01-02T10:00:00Z";

function message(values: Partial<Message> & { id: string; seq: number }): Message {
  return {
    from: "assistant",
    author: null,
    text: values.id,
    citations: [],
    at,
    turnId: null,
    state: null,
    helpful: null,
    kind: "text",
    ...values,
  };
}
const event = (values: Partial<Message> & { id: string; seq: number }): Action => ({ type: "message", ...message(values) });
const delta = (offset: number, text: string, turnId = "t"): Action => ({ type: "delta", turnId, offset, text });
const run = (...actions: Action[]) => runFrom(emptyState, ...actions);
const runFrom = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
const ids = (state: State) => state.messages.map((m) => m.id);

function conversation(values: Partial<Conversation> = {}): Conversation {
  return {
    id: "c",
    state: "open",
    mode: "assistant",
    assignee: null,
    agentsOnline: true,
    lastEventId: "1",
    messages: [],
    turn: null,
    ...values,
  };
}

test("Deltas are put together by their offset", () => {
  assert.equal(run(delta(0, "Hel"), delta(3, "lo"), delta(5, "!")).turn?.text, "Hello!");
});

test("A delta that comes twice changes nothing", () => {
  assert.equal(run(delta(0, "Hel"), delta(3, "lo"), delta(3, "lo"), delta(5, "!")).turn?.text, "Hello!");
  assert.equal(run(delta(0, "Hel"), delta(3, "lo"), delta(5, "!"), delta(3, "lo")).turn?.text, "Hello!");
});

test("Offset 0 begins the answer again", () => {
  assert.equal(run(delta(0, "Thrown away"), delta(0, "New"), delta(3, " one")).turn?.text, "New one");
});

test("After a resume one delta brings everything so far", () => {
  assert.equal(run(delta(0, "Hel"), delta(0, "Hello wor"), delta(9, "ld")).turn?.text, "Hello world");
});

test("A delta beyond the end shows that a piece is missing", () => {
  const state = run(delta(0, "Hel"), delta(9, "ld"));
  assert.equal(state.gap, true);
  assert.equal(state.turn?.text, "Hel");
  assert.equal(runFrom(state, { type: "snapshot", conversation: conversation() }).gap, false);
});

test("The final message replaces the stream, and what comes late for its turn is ignored", () => {
  const done = run(delta(0, "Hel"), event({ id: "a", seq: 2, turnId: "t", text: "Hello" }));
  assert.equal(done.turn, null);
  const late = runFrom(done, delta(3, "lo"), { type: "status", turnId: "t", line: "writing" });
  assert.equal(late.turn, null);
  assert.deepEqual(ids(late), ["a"]);
});

test("The visitor's own message does not end the turn that it began", () => {
  const state = run(delta(0, "Hel"), event({ id: "q", seq: 1, from: "visitor", turnId: "t" }), delta(3, "lo"));
  assert.equal(state.turn?.text, "Hello");
});

test("A status keeps the text, and the text keeps the status", () => {
  const state = run({ type: "status", turnId: "t", line: "searching" }, delta(0, "a"), { type: "status", turnId: "t", line: "writing" });
  assert.deepEqual(state.turn, { turnId: "t", text: "a", status: "writing" });
});

test("A sent message is one message, whichever answer comes first", () => {
  const sending: Action = { type: "sending", clientId: "k", text: "Hi", at };
  const sent: Action = { type: "sent", clientId: "k", messageId: "m", conversationId: "c", turnId: "t" };
  const arrived = event({ id: "m", seq: 1, clientId: "k", from: "visitor", text: "Hi" });
  for (const order of [
    [sending, sent, arrived],
    [sending, arrived, sent],
    [sending, sent, arrived, arrived],
  ]) {
    const state = run(...order);
    assert.deepEqual(ids(state), ["m"]);
    assert.equal(state.messages[0]?.seq, 1);
    assert.equal(state.messages[0]?.delivery, undefined);
    assert.equal(state.turn?.turnId, "t");
  }
});

test("Without the clientId the server's copy is found by its id", () => {
  const state = run(
    { type: "sending", clientId: "k", text: "Hi", at },
    { type: "sent", clientId: "k", messageId: "m", conversationId: "c", turnId: null },
    event({ id: "m", seq: 1, from: "visitor" }),
  );
  assert.deepEqual(ids(state), ["m"]);
  assert.equal(state.messages[0]?.clientId, "k");
});

test("A turn that is over before the sending is confirmed does not begin again", () => {
  const state = run({ type: "sending", clientId: "k", text: "Hi", at }, event({ id: "a", seq: 2, turnId: "t" }), {
    type: "sent",
    clientId: "k",
    messageId: "m",
    conversationId: "c",
    turnId: "t",
  });
  assert.equal(state.turn, null);
});

test("A failed message stays in its place and can be sent again", () => {
  const sending: Action = { type: "sending", clientId: "k", text: "Hi", at };
  const failed = run(
    sending,
    { type: "unsent", clientId: "k", problem: "Too long." },
    { type: "sending", clientId: "l", text: "Second", at },
  );
  assert.equal(failed.messages[0]?.delivery, "failed");
  assert.equal(failed.messages[0]?.problem, "Too long.");
  const again = runFrom(failed, sending);
  assert.deepEqual(
    again.messages.map((m) => [m.clientId, m.delivery]),
    [
      ["k", "sending"],
      ["l", "sending"],
    ],
  );
  assert.equal(again.messages[0]?.problem, undefined);
});

test("A failure that comes after the server's copy is no failure", () => {
  const state = run({ type: "sending", clientId: "k", text: "Hi", at }, event({ id: "m", seq: 1, clientId: "k", from: "visitor" }), {
    type: "unsent",
    clientId: "k",
    problem: "",
  });
  assert.equal(state.messages[0]?.delivery, undefined);
});

test("Messages stand in the order of their numbers, those on their way at the end", () => {
  const state = run(
    { type: "sending", clientId: "k", text: "Hi", at },
    event({ id: "b", seq: 2 }),
    event({ id: "a", seq: 1 }),
    event({ id: "c", seq: 3 }),
  );
  assert.deepEqual(ids(state), ["a", "b", "c", "k"]);
});

test("A snapshot replaces what is known and keeps what is unsent", () => {
  const before = run(
    event({ id: "old", seq: 1 }),
    { type: "sending", clientId: "k", text: "Hi", at },
    { type: "sending", clientId: "l", text: "Known", at },
  );
  const taken = conversation({
    messages: [message({ id: "a", seq: 1 }), message({ id: "m", seq: 2, clientId: "l", from: "visitor" })],
    turn: { turnId: "t", text: "Half an ans", status: "writing" },
  });
  const state = runFrom(before, { type: "snapshot", conversation: taken }, delta(0, "Half an answer"));
  assert.deepEqual(ids(state), ["a", "m", "k"]);
  assert.equal(state.turn?.text, "Half an answer");
});

test("An event of a newer server is ignored", () => {
  assert.equal(runFrom(emptyState, { type: "fireworks" } as unknown as Action), emptyState);
});

test("A notice stands once, before the answer that it is about", () => {
  const notice: Action = { type: "notice", turnId: "t", code: "fallback", text: "Slow model." };
  const state = run(event({ id: "q", seq: 1, from: "visitor" }), notice, notice, event({ id: "a", seq: 2, turnId: "t" }));
  assert.deepEqual(
    rowsOf(state, (m) => m.text).map((row) => row.kind),
    ["message", "notice", "message"],
  );
});

test("A row keeps its key when the server's copy replaces the sent message", () => {
  const sending: Action = { type: "sending", clientId: "k", text: "Hi", at };
  const key = (state: State) => rowsOf(state, (m) => m.text)[0]?.key;
  assert.equal(key(run(sending)), key(run(sending, event({ id: "m", seq: 1, clientId: "k", from: "visitor" }))));
});

const presence = (conversationId: string, mode: "assistant" | "member" = "assistant"): Action => ({
  type: "conversation",
  conversationId,
  state: "open",
  mode,
  assignee: null,
  agentsOnline: true,
});

test("A conversation that another tab began is read again", () => {
  const before = run({ type: "snapshot", conversation: conversation() });
  assert.equal(runFrom(before, presence("c")).gap, false);
  assert.equal(runFrom(before, event({ id: "m", seq: 1 }), presence("d")).gap, true);
  assert.equal(run(presence("d")).conversationId, "d");
});

test("A person who takes over ends the answer under way", () => {
  const before = run({ type: "snapshot", conversation: conversation() }, delta(0, "Hel"));
  assert.equal(runFrom(before, presence("c")).turn?.text, "Hel");
  assert.equal(runFrom(before, presence("c", "member")).turn, null);
});
