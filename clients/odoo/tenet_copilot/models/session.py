import uuid

from odoo import _, fields, models
from odoo.exceptions import AccessError


class Session(models.Model):
    _name = "tenet.copilot.session"
    _description = "Chat with the copilot"
    _order = "last_at desc, id desc"
    _rec_name = "title"

    uuid = fields.Char(required=True, readonly=True, index=True, copy=False, default=lambda self: str(uuid.uuid4()))
    user_id = fields.Many2one("res.users", required=True, readonly=True, index=True, ondelete="cascade", default=lambda self: self.env.uid)
    title = fields.Char()
    last_at = fields.Datetime(required=True, default=fields.Datetime.now)
    message_ids = fields.One2many("tenet.copilot.message", "session_id")

    def write(self, values):
        # A record rule is checked before a write only: nobody gives a chat to somebody else.
        if not self.env.su and {"user_id", "uuid"} & values.keys():
            raise AccessError(_("A chat stays with its user."))
        return super().write(values)
