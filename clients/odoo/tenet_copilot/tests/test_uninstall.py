import json
from unittest.mock import patch

import requests

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..hooks import uninstall_hook
from ..lib import keys, signatures
from .common import TENET, CopilotCase


class _Answer:
    def __init__(self, status, value):
        self.status_code = status
        self.text = json.dumps(value).encode() if not isinstance(value, bytes) else value
        self.raw = self

    def read(self, size, decode_content=True):
        return self.text[:size]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


@tagged("post_install", "-at_install")
class TestTenet(CopilotCase):
    def sent(self, answer, act):
        with patch.object(requests, "request", side_effect=answer if isinstance(answer, Exception) else [answer]) as request:
            result = act()
        return result, request.call_args

    def test_uninstalling_tells_tenet_signed_and_forgets_the_keys(self):
        connection = self.connection
        jwk, tenant = connection.public_key, connection.tenant
        _, call = self.sent(_Answer(202, {"deleted_by": "2027-01-01"}), lambda: uninstall_hook(self.env))
        self.assertEqual(call.args, ("POST", "https://tenet.example.com/api/copilot/disconnect"))
        data = call.kwargs["data"]
        self.assertEqual(json.loads(data), {"reason": "uninstall"})
        headers = call.kwargs["headers"]
        stamp = int(headers["Tenet-Signature"].split(";t=")[1].split(";")[0])
        signatures.verify(headers["Tenet-Signature"], jwk, "k1", tenant, "POST", "/api/copilot/disconnect", data, stamp)
        self.assertEqual(headers["Tenet-Tenant"], tenant)
        self.assertFalse(connection.exists())

    def test_uninstalling_goes_on_when_tenet_is_away(self):
        with mute_logger("odoo.addons.tenet_copilot.models.connection"):
            self.sent(requests.exceptions.ConnectionError(), lambda: uninstall_hook(self.env))
        self.assertFalse(self.connection.exists())

    def test_registering_sends_the_public_half_only(self):
        answer = {"tenant": "t2", "kid": "k2", "audience": "https://t", "api": "https://t/api/copilot", "tenet_kid": "tk2", "tenet_key": keys.public_jwk(TENET)}
        register = self.env["tenet.copilot.connection"]._register_tenant
        made, call = self.sent(_Answer(201, answer), lambda: register("https://t", "tnt_x", "2026-11"))
        body = json.loads(call.kwargs["data"])
        self.assertEqual(set(body["public_key"]), {"kty", "crv", "x", "y"})
        self.assertEqual((body["database"], body["terms"]["version"], body["terms"]["uid"]), (self.env.cr.dbname, "2026-11", self.env.uid))
        self.assertNotIn("Tenet-Tenant", call.kwargs["headers"])
        self.assertNotIn("PRIVATE", str(call))
        self.assertEqual((made.tenant, made.kid, made.api_url), ("t2", "k2", "https://t/api/copilot"))
        self.assertEqual(self.env["tenet.copilot.connection"].search_count([]), 1)

    def test_answers_that_are_not_tenets(self):
        for answer in (_Answer(200, b"<html>"), _Answer(201, {"tenant": "x"}), _Answer(200, b"[]"), _Answer(200, b"x" * 70_000), _Answer(422, {"code": "code_invalid"})):
            with self.assertRaises(UserError):
                self.sent(answer, lambda: self.env["tenet.copilot.connection"]._register_tenant("https://t", "tnt_x", "2026-11"))

    def test_address_must_be_https(self):
        for url in ("http://tenet.example.com", "ftp://t", "file:///etc/passwd", "t"):
            with self.assertRaises(UserError):
                self.env["tenet.copilot.connection"]._terms(url)
