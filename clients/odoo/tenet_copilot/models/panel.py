"""What the panel in the browser asks of its own Odoo. Everything runs as the signed-in user, under the record rules."""

import uuid

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..compat import form_url
from ..lib import limits

_MESSAGE_CHARS = 8000
_HISTORY_MESSAGES = 20
_HISTORY_CHARS = 60_000
_ANSWER_CHARS = 100_000
_KEPT_ITEMS = 80


class Panel(models.Model):
    _inherit = "tenet.copilot.session"

    @api.model
    def copilot_state(self):
        """Whether this user may ask, and where Tenet is."""
        user = self.env.user
        connection = self.env["tenet.copilot.connection"]._current()
        allowed = user._is_internal() and user.has_group("tenet_copilot.group_user")
        return {
            "allowed": allowed,
            "connected": bool(connection),
            "api": connection.api_url if connection and allowed else None,
            "admin": user.has_group("base.group_system"),
            "language": (user.lang or "en_US").replace("_", "-"),
            "time_zone": user.tz or "UTC",
        }

    @api.model
    def copilot_token(self, sid=None):
        """A token for one request of the panel to Tenet."""
        connection = self.env["tenet.copilot.connection"]._current()
        if not connection:
            raise UserError(_("The copilot is not connected. An administrator connects it in the settings."))
        return connection._issue_token(self.env.user, self.env.companies, sid)

    @api.model
    def copilot_sessions(self):
        found = self.search([], limit=100)
        return [one._as_listed() for one in found]

    def _as_listed(self):
        return {"id": self.id, "uuid": self.uuid, "title": self.title or _("New chat"), "last_at": fields.Datetime.to_string(self.last_at)}

    def copilot_messages(self):
        self.ensure_one()
        return [message._as_shown() for message in self.message_ids]

    @api.model
    def copilot_ask(self, session_id, text):
        """Keeps the question, in a new chat when there is none. What Tenet needs for the turn comes back."""
        text = (text or "").strip()
        if not text or len(text) > _MESSAGE_CHARS:
            raise UserError(_("A message has 1 to %s characters.", _MESSAGE_CHARS))
        session = self.browse(session_id).exists() if session_id else self.create({})
        session._check_own()
        history = session._history()
        message = self.env["tenet.copilot.message"].create({"session_id": session.id, "role": "user", "body": text})
        session.last_at = fields.Datetime.now()
        return {"session": session._as_listed(), "message": message._as_shown(), "history": history}

    def _check_own(self):
        if len(self) != 1 or self.user_id != self.env.user:
            raise AccessError(_("This chat does not exist, or it is not yours."))

    def _history(self):
        """The last messages, oldest first, within what a turn may carry."""
        kept, room = [], _HISTORY_CHARS
        for message in reversed(self.message_ids.sorted("id")[-_HISTORY_MESSAGES:]):
            if not message.body or len(message.body) > room:
                break
            room -= len(message.body)
            kept.append({"role": message.role, "text": message.body})
        return kept[::-1]

    def copilot_answer(self, answer):
        """Keeps the answer as the panel received it, also an unfinished one."""
        self._check_own()
        message = self.env["tenet.copilot.message"].create(
            {
                "session_id": self.id,
                "role": "assistant",
                "body": str(answer.get("text") or "")[:_ANSWER_CHARS],
                "state": str(answer.get("state") or "failed")[:20],
                "turn": str(answer.get("turn") or "")[:36],
                "sources": list(answer.get("sources") or [])[:_KEPT_ITEMS],
                "approvals": list(answer.get("approvals") or [])[:_KEPT_ITEMS],
                "receipt": answer.get("receipt") or False,
            }
        )
        self.last_at = fields.Datetime.now()
        if not self.title:
            self.title = limits.cut(str(answer.get("title") or self.message_ids[:1].body).strip(), 80)
        return {"session": self._as_listed(), "message": message._as_shown()}

    def copilot_rename(self, title):
        self._check_own()
        self.title = limits.cut((title or "").strip(), 80)
        return self._as_listed()

    def copilot_delete(self):
        self._check_own()
        return self.unlink()

    @api.model
    def copilot_open(self, model, record_id):
        """Where a source leads: the client's own address of the record."""
        return form_url(model, record_id)

    @api.model
    def copilot_approve(self, card):
        """The user's click on a card. Without it, the addon carries out no write, whoever asks."""
        if not self.env.user.has_group("tenet_copilot.group_user"):
            raise AccessError(_("You may not use the copilot."))
        ids = card.get("ids") or []
        try:
            approval = str(uuid.UUID(card.get("id")))
        except (ValueError, TypeError, AttributeError) as error:
            raise UserError(_("This card is damaged. Ask again.")) from error
        changes = card.get("changes") or []
        if not isinstance(changes, list) or len(changes) > 60 or any(type(one) is not int for one in ids) or len(ids) > limits.WRITE_RECORDS:
            raise UserError(_("This card is damaged. Ask again."))
        return self.env["tenet.copilot.action"]._approve(approval, str(card.get("action")), str(card.get("model")), ids, changes)


class PanelMessage(models.Model):
    _inherit = "tenet.copilot.message"

    def _as_shown(self):
        return {
            "id": self.id,
            "role": self.role,
            "text": self.body,
            "state": self.state or None,
            "turn": self.turn or None,
            "sources": self.sources or [],
            "approvals": self.approvals or [],
            "receipt": self.receipt or None,
            "helpful": self.helpful or None,
        }

    def copilot_rate(self, helpful, comment=None):
        """The thumb. The comment stays here: Tenet learns the thumb only."""
        self.ensure_one()
        self.write({"helpful": "yes" if helpful else "no", "comment": limits.cut(comment or "", 2000) or False})
        return True

    def copilot_decided(self, approval, outcome):
        """Keeps on the card what became of it; while that is not known, it can be looked for, or approved again when it never arrived."""
        self.ensure_one()
        cards = [dict(card) for card in self.approvals or []]
        for card in cards:
            if card.get("id") == approval:
                card["outcome"] = outcome or None
                if outcome and outcome.get("state") not in ("lost", "executing"):
                    card.pop("ticket", None)
        self.approvals = cards
        return True

    @api.model
    def copilot_was_done(self, approval):
        """Whether what this user approved on a card was carried out here."""
        return bool(
            self.env["tenet.copilot.action"]
            .sudo()
            .search_count([("approval", "=", str(approval)), ("user_id", "=", self.env.uid), ("state", "=", "done")], limit=1)
        )
