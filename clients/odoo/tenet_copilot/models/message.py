from odoo import _, fields, models
from odoo.exceptions import AccessError


class Message(models.Model):
    _name = "tenet.copilot.message"
    _description = "Message of a chat with the copilot"
    _order = "id"
    _rec_name = "role"

    session_id = fields.Many2one("tenet.copilot.session", required=True, readonly=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(related="session_id.user_id", store=True, index=True, related_sudo=True)
    role = fields.Selection([("user", "User"), ("assistant", "Assistant")], required=True)
    body = fields.Text(required=True, default="")
    state = fields.Char(help="answered, not_found, waiting, ungrounded, failed or stopped")
    turn = fields.Char()
    sources = fields.Json()
    approvals = fields.Json()
    receipt = fields.Json()
    helpful = fields.Selection([("yes", "Helpful"), ("no", "Not helpful")])
    comment = fields.Text(help="Stays in this database")

    def write(self, values):
        if not self.env.su and {"session_id", "user_id"} & values.keys():
            raise AccessError(_("A message stays in its chat."))
        return super().write(values)
