import unittest

from . import support  # noqa: F401
from lib import rules


class Fields(unittest.TestCase):
    def test_secrets_never(self):
        for name in (
            "password", "new_password", "smtp_pass_password", "api_key", "apikey", "x_apikey_2", "openai_api_key", "totp_secret", "access_token",
            "signup_token", "oauth_access_token", "private_key", "secret_key", "client_secret", "pin", "webauthn_id", "access_url",
        ):  # fmt: skip
            self.assertFalse(rules.field_allowed(name, "char"), name)

    def test_ordinary_fields(self):
        for name in ("name", "phone", "amount_total", "pinned", "monkey", "date_order", "shipping_weight", "keyword", "passenger"):
            self.assertTrue(rules.field_allowed(name, "char"), name)

    def test_binary_and_open_ended_types_never(self):
        for kind in ("binary", "image", "serialized", "json", "properties", "properties_definition", "reference", "many2one_reference"):
            self.assertFalse(rules.field_allowed("x", kind), kind)

    def test_administrators_fields_never(self):
        for groups in ("base.group_system", "sales.x,base.group_erp_manager", "hr.group_hr_user", ".", "base.group_user,base.group_no_one"):
            self.assertFalse(rules.field_allowed("x", "char", None, groups), groups)
        self.assertTrue(rules.field_allowed("x", "char", None, "base.group_user"))
        self.assertTrue(rules.field_allowed("x", "char", None, None))

    def test_links_to_closed_models_never(self):
        self.assertFalse(rules.field_allowed("message_ids", "one2many", "mail.message"))
        self.assertTrue(rules.field_allowed("partner_id", "many2one", "res.partner"))

    def test_odd_names_never(self):
        for name in ("", "a.b", "A", "a b", "é", "_" * 80, "a\n"):
            self.assertFalse(rules.field_allowed(name, "char"), name)


class Models(unittest.TestCase):
    def test_closed(self):
        for model in (
            "ir.attachment", "ir.config_parameter", "ir.model", "res.users.apikeys", "res.users.log", "res.groups", "res.config.settings", "mail.message",
            "payment.token", "payment.provider", "tenet.copilot.message", "tenet.copilot.connection", "bus.bus", "base.language.install", "auth_totp.device",
            "", "Sale.order", "sale order", "sale.order;", "sale..order", "sale.order\n",
        ):  # fmt: skip
            self.assertFalse(rules.model_allowed(model), model)

    def test_open(self):
        for model in ("res.partner", "res.users", "sale.order", "account.move.line", "stock.quant", "crm.lead", "mail.activity", "irrigation.plan"):
            self.assertTrue(rules.model_allowed(model), model)

    def test_read_only(self):
        self.assertFalse(rules.model_writable("res.users"))
        self.assertFalse(rules.model_writable("mail.activity"))
        self.assertTrue(rules.model_writable("res.partner"))
