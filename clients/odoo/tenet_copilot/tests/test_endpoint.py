import json
import time

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..lib import keys
from .common import PATH, connect, make_user, signature

_VERSION = "2026-07-28"


@tagged("post_install", "-at_install")
class TestEndpoint(HttpCase):
    def setUp(self):
        super().setUp()
        self.connection = connect(self.env)
        self.anna = make_user(self.env, "anna")
        self.partner = self.env["res.partner"].create({"name": "Copilot Ltd", "phone": "1"})
        self.env.flush_all()

    def token(self, user=None, **change):
        return self.connection._issue_token(user or self.anna, (user or self.anna).company_id, "s1")

    def ask(self, method, params=None, bearer=None, header=None, name=None, body=None):
        params = {"_meta": {"io.modelcontextprotocol/protocolVersion": _VERSION}, **(params or {})}
        data = body or json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).encode()
        headers = {"Content-Type": "application/json", "MCP-Protocol-Version": _VERSION, "Mcp-Method": method}
        headers["Tenet-Signature"] = header if header is not None else signature(self.connection, data, bearer)
        if name:
            headers["Mcp-Name"] = name
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        return self.url_open(PATH, data=data, headers=headers)

    def tool(self, name, bearer=None, **arguments):
        return self.ask("tools/call", {"name": name, "arguments": arguments}, bearer or self.token(), name=name)

    def test_call_runs_as_the_user(self):
        answer = self.tool("search_records", model="res.partner", domain=[["id", "=", self.partner.id]], fields=["phone"]).json()
        self.assertEqual(answer["result"]["structuredContent"]["rows"], [{"id": self.partner.id, "name": "Copilot Ltd", "phone": "1"}])
        self.assertEqual((answer["id"], answer["result"]["resultType"], answer["result"]["isError"]), (7, "complete", False))
        users = self.tool("search_records", model="res.users", domain=[["id", "=", self.anna.id]], fields=["login"]).json()
        self.assertEqual(len(users["result"]["structuredContent"]["rows"]), 1)

    def test_tools_are_listed_without_a_user(self):
        answer = self.ask("tools/list").json()
        self.assertIn("aggregate", [tool["name"] for tool in answer["result"]["tools"]])

    def test_nothing_without_tenets_signature(self):
        other = keys.new_private_key()
        data = json.dumps({"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {}}).encode()
        for header in ("", "v1", signature(self.connection, data, pem=other), signature(self.connection, b"{}"), signature(self.connection, data, kid="x")):
            response = self.ask("tools/list", header=header, body=data)
            self.assertEqual((response.status_code, response.json()["error"]["message"]), (401, "unauthorized"))
        late = signature(self.connection, data, now=int(time.time()) - 400)
        self.assertEqual(self.ask("tools/list", header=late, body=data).status_code, 401)

    def test_request_counts_once(self):
        data = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"_meta": {"io.modelcontextprotocol/protocolVersion": _VERSION}}}).encode()
        header = signature(self.connection, data)
        self.assertEqual(self.ask("ping", header=header, body=data).status_code, 200)
        self.assertEqual(self.ask("ping", header=header, body=data).status_code, 401)

    def test_tool_needs_a_token_of_this_addon(self):
        self.assertEqual(self.ask("tools/call", {"name": "list_models", "arguments": {}}, name="list_models").status_code, 401)
        token = self.token()
        for bad in ("x", token[:-4] + "AAAA", token.replace(".", "..", 1)):
            self.assertEqual(self.tool("list_models", bad).status_code, 401)

    def test_user_who_left_is_refused(self):
        token = self.token()
        self.anna.active = False
        self.env.flush_all()
        self.assertEqual(self.tool("list_models", token).status_code, 401)

    def test_signature_binds_the_token(self):
        data = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}).encode()
        header = signature(self.connection, data, self.token())
        self.assertEqual(self.ask("tools/list", bearer=self.token(), header=header, body=data).status_code, 401)

    def test_disconnected_addon_is_closed(self):
        token, signed_by = self.token(), self.connection
        data = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}).encode()
        header = signature(signed_by, data, token)
        self.connection.unlink()
        self.env.flush_all()
        self.assertEqual(self.ask("tools/list", bearer=token, header=header, body=data).status_code, 401)

    def test_get_is_refused(self):
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(PATH).status_code, 405)

    def test_company_of_others_is_not_taken(self):
        other = self.env["res.company"].create({"name": "Other Co"})
        token = self.connection._issue_token(self.anna, self.anna.company_id | other, "s1")
        self.assertEqual(self.tool("list_models", token).status_code, 200)

    def test_answer_is_in_the_users_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.anna.lang = "de_DE"
        self.env["ir.model.fields"]._get("res.partner", "city").with_context(lang="de_DE").field_description = "Ort!"
        self.env.flush_all()
        self.env.registry.clear_cache()
        answer = self.tool("list_fields", model="res.partner").json()["result"]["structuredContent"]
        self.assertIn("Ort!", [one["label"] for one in answer["fields"]])

    def test_write_over_the_wire(self):
        arguments = {"model": "res.partner", "ids": [self.partner.id], "values": {"phone": "2"}}
        seen = self.tool("update_record", mode="preview", **arguments).json()["result"]["structuredContent"]
        approval = "0199a000-0000-7000-8000-000000000001"
        card = {"id": approval, "action": "update_record", "model": "res.partner", "ids": [self.partner.id], "changes": seen["changes"]}
        self.env["tenet.copilot.session"].with_user(self.anna).copilot_approve(card)
        self.env.flush_all()
        done = self.tool("update_record", mode="execute", expect=seen["expect"], approval=approval, **arguments).json()["result"]
        self.assertEqual((done["isError"], done["structuredContent"].get("ids")), (False, [self.partner.id]), done)
        self.env.invalidate_all()
        self.assertEqual(self.partner.phone, "2")
