from odoo import _, fields, models
from odoo.exceptions import UserError

from .connect import _tell


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    tenet_copilot_state = fields.Selection(
        [("connected", "Connected"), ("copied", "Copy of a connected database"), ("none", "Not connected")], compute="_compute_tenet_copilot"
    )
    tenet_copilot_server = fields.Char(compute="_compute_tenet_copilot")
    tenet_copilot_terms = fields.Char(compute="_compute_tenet_copilot")

    def _compute_tenet_copilot(self):
        found = self.env["tenet.copilot.connection"].sudo().search([], limit=1)
        working = self.env["tenet.copilot.connection"]._current()
        for settings in self:
            settings.tenet_copilot_state = "connected" if working else "copied" if found else "none"
            settings.tenet_copilot_server = found.server_url
            settings.tenet_copilot_terms = (
                _("Terms %(version)s, accepted %(day)s", version=found.terms_version, day=fields.Date.to_string(found.terms_accepted_at))
                if found
                else False
            )

    def action_tenet_copilot_connect(self):
        return {
            "type": "ir.actions.act_window",
            "name": _("Connect with Tenet"),
            "res_model": "tenet.copilot.connect",
            "views": [[False, "form"]],
            "target": "new",
        }

    def action_tenet_copilot_check(self):
        self._check_tenet_copilot_right()
        connection = self.env["tenet.copilot.connection"]._current()
        if not connection:
            raise UserError(_("This Odoo is not connected."))
        return _tell(*connection._outcome())

    def action_tenet_copilot_disconnect(self):
        self._check_tenet_copilot_right()
        answer = self.env["tenet.copilot.connection"]._disconnect("disconnect")
        if answer:
            until = str(answer.get("deleted_by", ""))[:10]
            return _tell("success", _("Disconnected. Tenet deletes what it holds, but financial records, by %s.", until))
        return _tell("warning", _("Disconnected here. Tenet did not answer: disconnect in its console too."))

    def _check_tenet_copilot_right(self):
        if not self.env.user.has_group("base.group_system"):
            raise UserError(_("Only an administrator may do this."))
