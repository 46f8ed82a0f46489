"""Tenet's side of docs/odoo.md, made of fixed answers, for driving the panel by hand: it calls the addon's MCP endpoint as Tenet does.

    python3 clients/odoo/tests/fake_tenet.py PORT

Any code that begins with tnt_ connects. Questions: "sales" aggregates, "change" proposes a change of a partner, "slow" streams slowly,
"cut" breaks off, "refuse" answers 402.
"""

import http.server
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
import uuid

import support  # noqa: F401
from lib import keys, mcp, signatures, tokens

KEY = keys.new_private_key()
STATE = {"cards": {}, "used": set()}


class Problem(Exception):
    pass


def call(tool, arguments, bearer):
    """A tool's content."""
    params = {"name": tool, "arguments": arguments, "_meta": {"io.modelcontextprotocol/protocolVersion": mcp.STATELESS}}
    answer = rpc("tools/call", params, bearer, tool)
    return answer["structuredContent"]


def rpc(method, params, bearer=None, name=None):
    tenant = STATE["tenant"]
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    path = "/tenet_copilot/mcp"
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": mcp.STATELESS,
        "Mcp-Method": method,
        "Tenet-Tenant": tenant["tenant"],
        "X-Odoo-Database": tenant["database"],
        signatures.HEADER: signatures.header(KEY, "tk1", tenant["tenant"], "POST", path, body, int(time.time()), bearer),
    }
    if name:
        headers["Mcp-Name"] = name
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    with urllib.request.urlopen(urllib.request.Request(tenant["url"] + path, body, headers), timeout=60) as response:
        return json.load(response)["result"]


class Tenet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        print(self.command, self.path, args[1] if len(args) > 1 else "", flush=True)

    def do_OPTIONS(self):
        self.answer(204, None)

    def do_GET(self):
        self.route()

    do_POST = do_PUT = do_GET

    def cors(self):
        self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
        self.send_header("Access-Control-Allow-Headers", "authorization, content-type")
        self.send_header("Access-Control-Allow-Methods", "GET, POST, PUT")

    def answer(self, status, value):
        data = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.cors()
        self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def problem(self, status, code):
        self.answer(status, {"status": status, "code": code, "title": code})

    def route(self):
        self.data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(self.data) if self.data else {}
        path = self.path.removeprefix("/api/copilot")
        try:
            if path == "/terms":
                self.answer(200, {"version": "2026-11", "url": "https://tenet.example.com/terms"})
            elif path == "/tenants":
                self.register(body)
            elif path in ("/check", "/disconnect"):
                self.signed(path)
            else:
                self.user(path, body)
        except Problem as problem:
            self.problem(*problem.args)

    def register(self, body):
        if not body["code"].startswith("tnt_"):
            raise Problem(422, "code_invalid")
        signatures.verify(self.headers[signatures.HEADER], body["public_key"], "new", "-", "POST", self.path, self.data, int(time.time()))
        origin = f"http://127.0.0.1:{self.server.server_port}"
        STATE["tenant"] = body | {"tenant": str(uuid.uuid4()), "audience": origin}
        known = {"tenant": STATE["tenant"]["tenant"], "kid": "k1", "audience": origin, "api": origin + "/api/copilot"}
        self.answer(201, known | {"tenet_kid": "tk1", "tenet_key": keys.public_jwk(KEY)})

    def signed(self, path):
        tenant = STATE["tenant"]
        signatures.verify(
            self.headers[signatures.HEADER], tenant["public_key"], "k1", tenant["tenant"], "POST", self.path, self.data, int(time.time())
        )
        if path == "/disconnect":
            return self.answer(202, {"disconnected_at": "2026-11-21T12:00:00Z", "deleted_by": "2027-02-19T12:00:00Z"})
        try:
            found = rpc("tools/list", {"_meta": {"io.modelcontextprotocol/protocolVersion": mcp.STATELESS}})
        except (urllib.error.URLError, OSError):
            return self.answer(200, {"state": "unreachable", "reason": "odoo_unreachable", "message": ""})
        return self.answer(200, {"state": "connected", "tools": len(found["tools"])})

    def user(self, path, body):
        tenant = STATE.get("tenant") or self.refuse(410, "disconnected")
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = tokens.verify(
                bearer, tenant["public_key"], "k1", tenant["tenant"], tenant["audience"], tenant["database"], int(time.time())
            )
        except tokens.TokenError as error:
            raise Problem(401, f"token_{error}") from error
        if claims["jti"] in STATE["used"]:
            raise Problem(401, "token_replayed")
        STATE["used"].add(claims["jti"])
        if path.startswith("/grants"):
            return self.answer(201, {"sid": claims.get("sid") or str(uuid.uuid4()), "refresh_token": secrets.token_urlsafe(32), "expires_in": 900})
        if path == "/settings":
            return self.answer(200, {"enabled": True, "writes": True, "actions": {}, "credits_left": 41, "own_key": False})
        if path == "/turns":
            return self.turn(body, bearer)
        if path.startswith("/approvals/"):
            return self.approve(path.rsplit("/", 1)[1], body, bearer)
        return self.answer(202 if path == "/help" else 204, None)

    def refuse(self, *problem):
        raise Problem(*problem)

    def turn(self, body, bearer):
        question, turn = body["message"].lower(), str(uuid.uuid4())
        if "refuse" in question:
            raise Problem(402, "no_credits")
        self.send_response(200)
        self.cors()
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.event("status", {"turn": turn, "state": "thinking", "tool": None, "model": None})
        if "cut" in question:
            self.event("delta", {"text": "This answer breaks "})
            self.close_connection = True
            return
        done = {"turn": turn, "state": "answered", "charged": 1, "credits_left": 40, "title": "Sales orders"}
        if "change" in question:
            self.change(turn, bearer)
            done |= {"state": "waiting", "title": "Contacts"}
        elif "slow" in question:
            for word in ["One **slow** answer.\n\n- first\n", "- second <b>no HTML</b>\n\n"] + ["word "] * 20:
                time.sleep(0.2)
                self.event("delta", {"text": word})
        else:
            self.sales(turn, bearer)
        sent = [{"model": "sale.order", "fields": ["name", "amount_total"], "rows": 5}]
        self.event("receipt", {"provider": "anthropic", "model": "test", "host": "", "own_key": False, "sent": sent, "stored": []})
        self.event("done", done)
        self.close_connection = True

    def sales(self, turn, bearer):
        self.event("status", {"turn": turn, "state": "reading", "tool": "aggregate", "model": "sale.order"})
        asked = {"model": "sale.order", "domain": [["state", "=", "sale"]], "group_by": ["partner_id"], "measures": ["amount_total:sum", "count"]}
        found = call("aggregate", asked | {"order": "amount_total:sum desc", "limit": 5}, bearer)
        rows = "".join(f"| {g['key']['partner_id']['name']} | {g['values']['amount_total:sum']} |\n" for g in found.get("groups", []))
        total = found.get("totals", {})
        text = f"Confirmed orders come to **{total.get('amount_total:sum')} {found.get('currency')}** in {total.get('count')} orders [1].\n\n"
        for piece in (text, "| Customer | Amount |\n|---|---|\n", rows, "\nThe latest one is below [2]." if rows else str(found.get("detail", ""))):
            self.event("delta", {"text": piece})
            time.sleep(0.1)
        source = {"n": 1, "kind": "aggregate", "model": "sale.order", "ids": [], "domain": asked["domain"], "label": "Confirmed orders"}
        self.event("source", source | {"restricted": found.get("restricted", False)})
        rows = call("search_records", {"model": "sale.order", "domain": asked["domain"], "fields": ["name"], "limit": 1}, bearer).get("rows")
        if rows:
            self.event("source", {"n": 2, "kind": "record", "model": "sale.order", "ids": [rows[0]["id"]], "domain": None, "label": rows[0]["name"], "restricted": False})
        if found.get("restricted"):
            self.event("notice", {"code": "may_not_see_all", "text": "You may not see all records."})

    def change(self, turn, bearer):
        self.event("status", {"turn": turn, "state": "writing", "tool": "update_record", "model": "res.partner"})
        rows = call("search_records", {"model": "res.partner", "domain": [["is_company", "=", True]], "fields": ["name"], "limit": 1}, bearer)["rows"]
        arguments = {"model": "res.partner", "ids": [rows[0]["id"]], "values": {"phone": "+49 30 " + str(secrets.randbelow(10**6)), "city": "Berlin"}}
        seen = call("update_record", arguments | {"mode": "preview"}, bearer)
        card = str(uuid.uuid4())
        STATE["cards"][card] = arguments | {"mode": "execute", "expect": seen["expect"], "approval": card}
        self.event("delta", {"text": "I can change this. Look at it first."})
        shown = {name: seen[name] for name in ("model", "ids", "record", "changes")}
        expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 900))
        self.event("approval", shown | {"id": card, "action": "update_record", "hash": "00", "expires_at": expires, "ticket": "t"})

    def approve(self, card, body, bearer):
        if body["decision"] == "decline":
            return self.answer(200, {"state": "declined"})
        done = call("update_record", STATE["cards"][card], bearer)
        if "error" in done:
            state = "conflict" if done["error"] == "conflict" else "failed"
            return self.answer(200, {"state": state, "code": done["error"], "text": done["detail"], "changes": done.get("preview", {}).get("changes")})
        return self.answer(200, {"state": "done", "model": done["model"], "ids": done["ids"]})

    def event(self, name, data):
        self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Tenet).serve_forever()
