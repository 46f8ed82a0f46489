from odoo import _, fields, models
from odoo.exceptions import UserError


class Connect(models.TransientModel):
    """Two steps: the server and its terms; then the one-time code."""

    _name = "tenet.copilot.connect"
    _description = "Connect with Tenet"

    step = fields.Selection([("server", "Server"), ("terms", "Terms")], default="server", required=True)
    server_url = fields.Char("Server's address", required=True)
    terms_version = fields.Char(readonly=True)
    terms_url = fields.Char(readonly=True)
    accepted = fields.Boolean("I accept the terms for this company")
    code = fields.Char("One-time code")

    def action_terms(self):
        self._check_right()
        terms = self.env["tenet.copilot.connection"]._terms(self.server_url)
        version, url = terms.get("version"), terms.get("url")
        if not isinstance(version, str) or not isinstance(url, str) or not url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            raise UserError(_("The server's answer is not Tenet's. Check the server's address."))
        self.write({"step": "terms", "terms_version": version[:40], "terms_url": url[:500]})
        return self._again()

    def action_connect(self):
        self._check_right()
        if not self.accepted:
            raise UserError(_("Accept the terms first."))
        code, self.code = (self.code or "").strip(), False
        if not code:
            raise UserError(_("Enter the one-time code from Tenet's console."))
        connection = self.env["tenet.copilot.connection"]._register_tenant(self.server_url, code, self.terms_version)
        # Tenet calls back while it checks: the keys must be there for the request that comes in.
        self.env.cr.commit()
        return _tell(*connection._outcome())

    def _check_right(self):
        self.ensure_one()
        if not self.env.user.has_group("base.group_system"):
            raise UserError(_("Only an administrator may connect."))

    def _again(self):
        name = _("Connect with Tenet")
        return {"type": "ir.actions.act_window", "name": name, "res_model": self._name, "res_id": self.id, "views": [[False, "form"]], "target": "new"}


def _tell(kind, message):
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "message": message,
            "sticky": kind != "success",
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }
