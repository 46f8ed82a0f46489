import contextlib
import importlib
import time
from unittest.mock import patch

from odoo.tests import TransactionCase

from ..lib import keys, signatures

tool = importlib.import_module("odoo.addons.tenet_copilot.tools.run")  # the package shows the function of that name
TENET = keys.new_private_key()
PATH = "/tenet_copilot/mcp"


class _Undo(Exception):
    pass


def make_user(env, login, groups=("base.group_user", "base.group_partner_manager", "tenet_copilot.group_writer"), **values):
    """An internal user with these groups and no others, whatever apps are installed."""
    name = "group_ids" if "group_ids" in env["res.users"]._fields else "groups_id"
    wanted = [env.ref(group).id for group in groups]
    return env["res.users"].create({"name": login.title(), "login": f"tenet-{login}", "email": f"{login}@example.test", name: [(6, 0, wanted)], **values})


def connect(env):
    """A connection as a registration leaves it; Tenet's private key is TENET."""
    env["tenet.copilot.connection"].sudo().search([]).unlink()
    pem = keys.new_private_key()
    return (
        env["tenet.copilot.connection"]
        .sudo()
        .create(
            {
                "state": "connected",
                "server_url": "https://tenet.example.com",
                "url": "https://odoo.example.com",
                "database": env.cr.dbname,
                "private_key": pem,
                "public_key": keys.public_jwk(pem),
                "tenant": "0199-tenant",
                "kid": "k1",
                "audience": "https://tenet.example.com",
                "api_url": "https://tenet.example.com/api/copilot",
                "tenet_kid": "tk1",
                "tenet_key": keys.public_jwk(TENET),
                "terms_version": "2026-11",
            }
        )
    )


def signature(connection, body, bearer=None, pem=TENET, kid="tk1", path=PATH, now=None):
    return signatures.header(pem, kid, connection.tenant, "POST", path, body, now or int(time.time()), bearer)


class CopilotCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = connect(cls.env)
        cls.anna = make_user(cls.env, "anna")
        cls.bob = make_user(cls.env, "bob")
        cls.partner = cls.env["res.partner"].create({"name": "Copilot Ltd", "phone": "1", "city": "Rome", "is_company": True})

    def call(self, user, name, **arguments):
        """The content of a tool call, as the endpoint runs it for `user`."""
        env = self.env(user=user.id, context={"lang": user.lang, "tz": user.tz or "UTC", "allowed_company_ids": user.company_id.ids}, su=False)
        undone = []
        with patch.object(tool, "undo", undone.append), contextlib.suppress(_Undo), self.env.cr.savepoint():
            content, is_error = tool.run(env, name, arguments)
            if undone:
                raise _Undo
        self.env.invalidate_all()
        self.assertEqual(is_error, "error" in content)
        return content

    def refused(self, code, user, name, **arguments):
        content = self.call(user, name, **arguments)
        self.assertEqual(content.get("error"), code, content)
        return content["detail"]
