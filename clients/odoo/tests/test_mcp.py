import json
import unittest

from . import support  # noqa: F401
from lib import arguments, catalog, mcp
from lib.refusal import Refusal

TOOLS = list(catalog.TOOLS)
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


def ask(method, params=None, revision="2026-07-28", body=None, headers=None, call=None, request_id=1):
    params = dict(params or {})
    heads = {"MCP-Protocol-Version": revision}
    if revision == "2026-07-28":
        params.setdefault("_meta", META)
        heads |= {"Mcp-Method": method} | ({"Mcp-Name": params.get("name")} if method == "tools/call" else {})
    message = {"jsonrpc": "2.0", "method": method, "params": params} | ({} if request_id is None else {"id": request_id})
    data = body if body is not None else json.dumps(message).encode()
    try:
        return mcp.Message(data, heads | (headers or {})).handle("1.0", TOOLS, call or (lambda name, given: ({"name": name}, False)))
    except mcp.McpError as error:
        return error.answer()


class Protocol(unittest.TestCase):
    def test_discover(self):
        status, answer = ask("server/discover")
        self.assertEqual((status, answer["result"]["supportedVersions"]), (200, ["2026-07-28", "2025-11-25"]))
        self.assertEqual(answer["result"]["resultType"], "complete")
        self.assertEqual(answer["result"]["cacheScope"], "private")

    def test_initialize_of_the_older_revision(self):
        status, answer = ask("initialize", {"protocolVersion": "2025-11-25"}, revision="2025-11-25")
        self.assertEqual((status, answer["result"]["protocolVersion"]), (200, "2025-11-25"))
        self.assertEqual(ask("notifications/initialized", revision="2025-11-25", request_id=None), (202, None))
        self.assertNotIn("resultType", ask("tools/list", revision="2025-11-25")[1]["result"])

    def test_other_revision_is_told_the_supported_ones(self):
        for revision in ("2024-11-05", None, ""):
            status, answer = ask("tools/list", revision=revision)
            self.assertEqual((status, answer["error"]["code"]), (400, -32022))
            self.assertEqual(answer["error"]["data"], {"supported": ["2026-07-28", "2025-11-25"], "requested": revision})

    def test_headers_must_equal_the_body(self):
        for headers in ({"Mcp-Method": "ping"}, {"Mcp-Method": None}, {"Mcp-Name": "other"}):
            status, answer = ask("tools/call", {"name": "list_models", "arguments": {}}, headers=headers)
            self.assertEqual((status, answer["error"]["code"]), (400, -32020))
        status, answer = ask("ping", {"_meta": {}})
        self.assertEqual((status, answer["error"]["code"]), (400, -32020))

    def test_unknown_method(self):
        self.assertEqual(ask("resources/list")[0], 404)
        self.assertEqual(ask("resources/list", revision="2025-11-25")[0], 200)
        self.assertEqual(ask("resources/list")[1]["error"]["code"], -32601)

    def test_unknown_tool(self):
        self.assertEqual(ask("tools/call", {"name": "unlink", "arguments": {}})[1]["error"]["code"], -32602)
        self.assertEqual(ask("tools/call", {"name": "list_models", "arguments": []})[1]["error"]["code"], -32602)

    def test_call(self):
        status, answer = ask("tools/call", {"name": "list_models", "arguments": {}})
        self.assertEqual((status, answer["result"]["structuredContent"], answer["result"]["isError"]), (200, {"name": "list_models"}, False))
        self.assertEqual(json.loads(answer["result"]["content"][0]["text"]), {"name": "list_models"})

    def test_answer_that_is_too_large_is_refused(self):
        answer = ask("tools/call", {"name": "list_models", "arguments": {}}, call=lambda name, given: ({"x": "é" * 300_000}, False))[1]
        self.assertTrue(answer["result"]["isError"])
        self.assertEqual(answer["result"]["structuredContent"]["error"], "limit")

    def test_bodies_that_are_no_request(self):
        for body, status in ((b"", 400), (b"[]", 400), (b"{", 400), (b'{"jsonrpc":"2.0"}', 400), (b"\xff", 400), (b"[" * 100_000, 400), (b" " * 300_000, 413)):
            self.assertEqual(ask("ping", body=body)[0], status)
        batch = json.dumps([{"jsonrpc": "2.0", "id": 1, "method": "ping"}]).encode()
        self.assertEqual(ask("ping", body=batch)[0], 400)

    def test_every_tool_of_the_catalogue_is_described(self):
        names = [tool["name"] for tool in TOOLS]
        self.assertEqual(len(names), len(set(names)))
        for tool in TOOLS:
            self.assertEqual(tool["annotations"]["readOnlyHint"], tool["name"] not in catalog.WRITES)
            self.assertEqual("mode" in tool["inputSchema"]["required"], tool["name"] in catalog.WRITES)


class Arguments(unittest.TestCase):
    def refused(self, code, name, given):
        with self.assertRaises(Refusal) as caught:
            arguments.check(catalog.schema(name), given)
        self.assertEqual(caught.exception.code, code)

    def test_missing_unknown_and_wrong_types(self):
        good = {"model": "sale.order", "domain": [], "fields": []}
        arguments.check(catalog.schema("search_records"), good)
        self.refused("invalid", "search_records", {"model": "sale.order"})
        self.refused("invalid", "search_records", good | {"context": {}})
        for change in ({"model": 1}, {"domain": "[]"}, {"fields": "name"}, {"fields": [1]}, {"limit": "5"}, {"limit": True}, {"limit": 1.0}):
            self.refused("invalid", "search_records", good | change)

    def test_limits(self):
        good = {"model": "sale.order", "domain": [], "fields": []}
        for change in ({"limit": 81}, {"limit": 10_000}, {"limit": 0}, {"limit": -1}, {"offset": 100_001}, {"fields": ["a"] * 31}, {"order": "x" * 201}):
            self.refused("limit", "search_records", good | change)
        self.refused("limit", "read_records", {"model": "sale.order", "ids": list(range(1, 90)), "fields": []})
        self.refused("invalid", "read_records", {"model": "sale.order", "ids": [], "fields": []})

    def test_mode_of_a_write(self):
        given = {"model": "res.partner", "ids": [1], "values": {}}
        self.refused("invalid", "update_record", given)
        self.refused("invalid", "update_record", given | {"mode": "force"})


class Details(unittest.TestCase):
    def test_detail_is_cut(self):
        self.assertEqual(len(Refusal("invalid", "x" * 500).detail), 200)
