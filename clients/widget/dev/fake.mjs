// A small server of the widget's protocol, to work on the widget without Tenet.
// What the visitor writes decides what happens: "person", "fail", "not found", "restart", "cut", "slow", "refuse"; else an answer with two sources.
// POST /dev/say?text=…, /dev/mode?mode=member, /dev/online?on=0, /dev/typing, /dev/resolve play the team's side.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const port = Number(process.env.PORT ?? 8090);
const here = new URL(".", import.meta.url);
const sessions = new Map();
const config = {
  name: "Acme Outdoor",
  color: "",
  position: "right",
  greeting: "Hello! Ask about tents, orders or returns. I answer from our pages and show where it stands.",
  language: "auto",
  theme: "auto",
  agentsOnline: true,
  keepDays: 90,
  privacyUrl: "/privacy",
  quickQuestions: ["Can I exchange a tent?", "Where is my order?", "What does delivery cost?"],
};
const answer =
  "Yes. You can exchange within **30 days** of delivery as long as the tent is unused and in its bag [1]. " +
  "We pay the return label inside the EU [2].\n\n1. Open *My orders*\n2. Choose **Exchange**\n3. Print the label";
const citations = [
  { number: 1, title: "Returns", heading: "Returns › Exchanging an item", url: `http://127.0.0.1:${port}/#exchanging` },
  { number: 2, title: "Returns", heading: "Returns › Who pays for returns", url: "https://shop.example/returns#who-pays" },
];

const newConversation = () => ({ id: randomUUID(), state: "pending", mode: "assistant", assignee: null, messages: [], turn: null });
const presence = (c) => ({ state: c.state, mode: c.mode, assignee: c.assignee, agentsOnline: config.agentsOnline });
const seqOf = (c) => c.messages.length;

function send(session, type, data, id) {
  const text = `${id ? `id: ${id}\r\n` : ""}event: ${type}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`;
  for (const response of session.streams) response.write(text);
}

function post(session, message) {
  const c = session.conversation;
  const full = {
    author: null,
    citations: [],
    at: new Date().toISOString(),
    turnId: null,
    state: null,
    helpful: null,
    kind: "text",
    ...message,
  };
  full.id ??= randomUUID();
  full.seq = seqOf(c) + 1;
  c.messages.push(full);
  send(session, "message", full, String(full.seq));
  return full;
}

async function turn(session, turnId, question) {
  const c = session.conversation;
  const slow = /slow|reload/i.test(question) ? 8 : 1;
  c.turn = { turnId, text: "", status: "searching" };
  const status = (line) => {
    c.turn.status = line;
    send(session, "status", { turnId, line });
  };
  const finish = (text, values) => {
    c.turn = null;
    post(session, { from: "assistant", turnId, text, state: "answered", ...values });
  };
  const stream = async (text) => {
    for (const piece of text.match(/\S+\s*/g)) {
      if (c !== session.conversation) return;
      const offset = c.turn.text.length;
      c.turn.text += piece;
      send(session, "delta", { turnId, offset, text: piece }, `${seqOf(c)}.${turnId}.${offset + piece.length}`);
      await sleep(25 * slow);
    }
  };
  status("searching");
  await sleep(350);
  if (/not found/i.test(question))
    return finish("I did not find this on our pages. Would you like to ask a person?", { state: "notFound" });
  if (/fail/i.test(question)) return finish("", { state: "failed" });
  status("reading");
  await sleep(450);
  status("writing");
  if (/restart/i.test(question)) {
    await stream("This beginning will be thrown away because");
    send(session, "notice", { turnId, code: "fallback", text: "The model did not answer in time. This answer quotes our pages instead." });
    c.turn.text = "";
  }
  if (/cut/i.test(question)) setTimeout(() => session.streams.forEach((s) => s.destroy()), 300);
  await stream(/code|markdown/i.test(question) ? markdown : answer);
  if (c === session.conversation) finish(c.turn.text, { citations });
}

const markdown =
  "### Sizes\n| Tent | Sleeps | Weight |\n|---|---|---|\n| Ridge 2 | 2 | 1.9 kg |\n| Ridge 4 | 4 | 3.2 kg |\n\n" +
  "> Pack sizes are *without* poles.\n\n```\nridge --pitch\n```\n- see https://shop.example/tents.\n- `code` and ~~old~~\n  - nested <b>not html</b>\n\n" +
  "![tracking](https://evil.example/p.png) [bad](javascript:alert(1)) [good](https://shop.example) [1]";

const routes = {
  "POST messages": (session, body) => {
    if (/refuse/i.test(body.text)) return [422, { title: "Invalid", errors: { text: ["That message is not accepted."] } }];
    const c = session.conversation;
    const known = c.messages.find((m) => m.clientId === body.clientId);
    if (known) return [202, { messageId: known.id, conversationId: c.id, turnId: null }];
    if (c.state === "resolved") c.state = "open";
    const turnId = c.mode === "assistant" && !/person/i.test(body.text) ? randomUUID() : null;
    const message = post(session, { from: "visitor", clientId: body.clientId, text: body.text });
    if (turnId) void turn(session, turnId, body.text);
    else if (c.mode === "assistant") handoff(session);
    return [202, { messageId: message.id, conversationId: c.id, turnId }];
  },
  "POST handoff": (session) => (handoff(session), [202]),
  "POST offline": (_, body) => (body.email.includes("wrong") ? [422, { errors: { email: ["This address does not exist."] } }] : [202]),
  "POST conversations": (session) => ((session.conversation = newConversation()), [201]),
  "GET conversation": (session) => [200, snapshot(session)],
};

function handoff(session) {
  const c = session.conversation;
  c.mode = "waiting";
  c.state = "open";
  post(session, { from: "system", kind: "event", text: "You asked for a person." });
  send(session, "conversation", presence(c));
}

function snapshot(session) {
  const c = session.conversation;
  if (!c.messages.length) return null;
  return { id: c.id, ...presence(c), lastEventId: String(seqOf(c)), messages: c.messages, turn: c.turn };
}

function open(body) {
  const token = sessions.has(body.visitorToken) ? body.visitorToken : randomUUID();
  if (!sessions.has(token)) sessions.set(token, { visitorId: randomUUID(), streams: new Set(), conversation: newConversation() });
  const session = sessions.get(token);
  return { visitorId: session.visitorId, token, conversation: snapshot(session) };
}

function events(session, request, response) {
  const c = session.conversation;
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const [seq] = String(request.headers["last-event-id"] ?? "0").split(".");
  session.streams.add(response);
  const only = { streams: [response] };
  for (const m of c.messages.slice(Number(seq))) send(only, "message", m, String(m.seq));
  if (c.turn)
    send(only, "delta", { turnId: c.turn.turnId, offset: 0, text: c.turn.text }, `${seqOf(c)}.${c.turn.turnId}.${c.turn.text.length}`);
  const ping = setInterval(() => response.write(": ping\n\n"), 15_000);
  response.on("close", () => (clearInterval(ping), session.streams.delete(response)));
}

const team = {
  say: (session, q) => post(session, { from: "member", author: "Ana", text: q.get("text") ?? "Hello, this is Ana. Let me look." }),
  typing: (session) => send(session, "typing", { name: "Ana" }),
  mode: (session, q) => {
    session.conversation.mode = q.get("mode");
    session.conversation.assignee = q.get("mode") === "member" ? { name: "Ana" } : null;
    send(session, "conversation", presence(session.conversation));
  },
  resolve: (session) => {
    session.conversation.state = "resolved";
    send(session, "conversation", presence(session.conversation));
  },
};

createServer(async (request, response) => {
  const url = new URL(request.url, "http://fake");
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-headers", "authorization,content-type,last-event-id,accept-language");
  response.setHeader("access-control-allow-methods", "GET,POST,PUT");
  const reply = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  };
  let text = "";
  for await (const chunk of request) text += chunk;
  const body = text ? JSON.parse(text) : {};
  const session = sessions.get(request.headers.authorization?.slice(7));
  const path = url.pathname;

  if (request.method === "OPTIONS") return reply(204);
  if (path === "/widget.js" || path === "/widget.js.map") {
    response.setHeader("content-type", "text/javascript");
    return response.end(await readFile(new URL(`../dist${path}`, here)));
  }
  if (path.startsWith("/dev/")) {
    if (path === "/dev/online") config.agentsOnline = url.searchParams.get("on") !== "0";
    else if (path === "/dev/config") Object.assign(config, body);
    else for (const s of sessions.values()) team[path.slice(5)](s, url.searchParams);
    return reply(204);
  }
  if (!path.startsWith("/api/widget/")) {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.setHeader(
      "content-security-policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'",
    );
    if (path === "/shop.css") response.setHeader("content-type", "text/css");
    return response.end(await readFile(new URL(path === "/shop.css" ? "shop.css" : "shop.html", here)));
  }
  const rest = path.slice("/api/widget/".length);
  if (rest.endsWith("/config")) return reply(200, config);
  if (rest.endsWith("/sessions")) return reply(200, open(body));
  if (!session) return reply(401, { title: "Unauthorized" });
  if (rest === "events") return events(session, request, response);
  const rated = /^messages\/([^/]+)\/feedback$/.exec(rest);
  if (rated) {
    session.conversation.messages.find((m) => m.id === rated[1]).helpful = body.helpful;
    return reply(204);
  }
  const route = routes[`${request.method} ${rest}`];
  return route ? reply(...route(session, body)) : reply(404, { title: "Not found" });
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
