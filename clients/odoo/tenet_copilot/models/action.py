import json
from datetime import timedelta

from odoo import api, fields, models

_LIFETIME = timedelta(minutes=15)


class Action(models.Model):
    """What users approved in the panel, and what was done. The values shown are kept until it is done, and at most 15 minutes."""

    _name = "tenet.copilot.action"
    _description = "Action of the copilot"
    _order = "id desc"

    approval = fields.Char(required=True, readonly=True, groups=".")
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    action = fields.Char(required=True, readonly=True)
    model = fields.Char(readonly=True)
    records = fields.Char(readonly=True, help="Ids of the records")
    state = fields.Selection([("approved", "Approved"), ("done", "Done"), ("expired", "Expired")], required=True, default="approved", readonly=True)
    done_at = fields.Datetime(readonly=True)
    shown = fields.Text(groups=".")

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS tenet_copilot_action_approval_uniq ON tenet_copilot_action (approval)")

    @api.model
    def _approve(self, approval, action, model, ids, changes):
        """The signed-in user has clicked: this action, on these records, with these changes and no other."""
        self = self.sudo()
        seen = self.search([("approval", "=", approval)])
        if seen:
            return seen.user_id.id == self.env.uid and seen.state == "approved"
        shown = json.dumps([_comparable(change) for change in changes])
        self.create(
            {
                "approval": approval,
                "user_id": self.env.uid,
                "action": action,
                "model": model,
                "records": ",".join(str(one) for one in ids),
                "shown": shown,
            }
        )
        return True

    @api.model
    def _spend(self, approval, action, preview):
        """Whether this user approved exactly `preview` within the last 15 minutes. Good once: the row is locked and used up."""
        self.env.cr.execute("SELECT id FROM tenet_copilot_action WHERE approval = %s AND state = 'approved' FOR UPDATE", [approval])
        row = self.env.cr.fetchone()
        approved = self.sudo().browse(row[0]) if row else self.sudo()
        if not approved or approved.user_id.id != self.env.uid or fields.Datetime.now() - approved.create_date > _LIFETIME:
            return False
        ids = ",".join(str(one) for one in preview["ids"])
        shown = [_comparable(change) for change in preview["changes"]]
        if (approved.action, approved.model, approved.records or "") != (action, preview["model"], ids) or json.loads(approved.shown) != shown:
            return False
        approved.write({"state": "done", "done_at": fields.Datetime.now(), "shown": False})
        return True

    @api.model
    def _carried_out(self, approval, records):
        self.sudo().search([("approval", "=", approval)]).records = ",".join(str(one) for one in records.ids)

    @api.autovacuum
    def _expire(self):
        late = self.sudo().search([("state", "=", "approved"), ("create_date", "<", fields.Datetime.now() - _LIFETIME)])
        late.write({"state": "expired", "shown": False})


def _comparable(change):
    return [change.get("field"), change.get("before"), change.get("after")]
