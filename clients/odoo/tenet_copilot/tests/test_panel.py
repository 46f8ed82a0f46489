import time
import uuid

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..lib import tokens
from .common import CopilotCase, make_user


@tagged("post_install", "-at_install")
class TestPanel(CopilotCase):
    def setUp(self):
        super().setUp()
        self.mine = self.env["tenet.copilot.session"].with_user(self.anna)

    def claims(self, token):
        own = self.connection
        return tokens.verify(token, own.public_key, own.kid, own.tenant, own.audience, own.database, int(time.time()))

    def test_token_is_of_the_signed_in_user(self):
        claims = self.claims(self.mine.copilot_token("s1"))
        self.assertEqual((claims["uid"], claims["grp"], claims["sid"], claims["db"]), (self.anna.id, "writer", "s1", self.env.cr.dbname))
        self.assertNotIn(self.anna.name, str(claims))
        self.assertNotIn(self.anna.login, str(claims))

    def test_group_of_the_token_is_the_highest(self):
        reader = make_user(self.env, "rita", ["base.group_user"])
        self.assertEqual(self.claims(self.mine.with_user(reader).copilot_token())["grp"], "user")
        admin = self.env.ref("base.user_admin")
        self.assertEqual(self.claims(self.mine.with_user(admin).copilot_token())["grp"], "manager")

    def test_portal_user_gets_no_token(self):
        portal = make_user(self.env, "portal", ["base.group_portal"])
        with self.assertRaises(UserError):
            self.mine.with_user(portal).copilot_token()

    def test_question_and_answer_are_kept_here(self):
        kept = self.mine.copilot_ask(False, " What did we sell? ")
        session = self.mine.browse(kept["session"]["id"])
        self.assertEqual((kept["message"]["text"], kept["history"]), ("What did we sell?", []))
        session.copilot_answer({"text": "Nothing [1].", "state": "answered", "title": "Sales", "sources": [{"n": 1}]})
        self.assertEqual([one["role"] for one in session.copilot_messages()], ["user", "assistant"])
        self.assertEqual(session.title, "Sales")
        again = self.mine.copilot_ask(session.id, "And now?")
        self.assertEqual(again["history"], [{"role": "user", "text": "What did we sell?"}, {"role": "assistant", "text": "Nothing [1]."}])
        self.assertEqual(session.uuid, str(uuid.UUID(session.uuid)))

    def test_history_is_limited(self):
        session = self.mine.browse(self.mine.copilot_ask(False, "first")["session"]["id"])
        for number in range(15):
            session.copilot_answer({"text": str(number) * 5000})
            kept = self.mine.copilot_ask(session.id, f"q{number}")
        self.assertLessEqual(len(kept["history"]), 20)
        self.assertLessEqual(sum(len(one["text"]) for one in kept["history"]), 60_000)

    def test_title_falls_back_to_the_question(self):
        session = self.mine.browse(self.mine.copilot_ask(False, "Who owes us money?")["session"]["id"])
        session.copilot_answer({"text": "x", "state": "failed"})
        self.assertEqual(session.title, "Who owes us money?")

    def test_chat_of_another_user_is_closed(self):
        session = self.mine.browse(self.mine.copilot_ask(False, "mine")["session"]["id"])
        theirs = session.with_user(self.bob)
        self.env.invalidate_all()
        for act in (
            lambda: theirs.copilot_messages(),
            lambda: theirs.copilot_rename("x"),
            lambda: theirs.copilot_delete(),
            lambda: theirs.copilot_answer({"text": "x"}),
            lambda: theirs.browse().copilot_ask(session.id, "x"),
        ):
            with self.assertRaises(AccessError):
                act()
        self.assertFalse(theirs.copilot_sessions())

    def test_empty_and_long_messages_are_refused(self):
        for text in ("", "   ", None, "x" * 8001):
            with self.assertRaises(UserError):
                self.mine.copilot_ask(False, text)

    def test_thumb_and_comment_stay_here(self):
        session = self.mine.browse(self.mine.copilot_ask(False, "q")["session"]["id"])
        message = session.message_ids.browse(session.copilot_answer({"text": "a"})["message"]["id"])
        message.copilot_rate(False, "wrong month")
        self.assertEqual((message.helpful, message.comment), ("no", "wrong month"))

    def test_card_keeps_its_ticket_until_its_end_is_known(self):
        session = self.mine.browse(self.mine.copilot_ask(False, "q")["session"]["id"])
        card = {"id": str(uuid.uuid4()), "ticket": "t"}
        message = session.message_ids.browse(session.copilot_answer({"text": "a", "approvals": [card]})["message"]["id"])
        for outcome, ticket in (({"state": "lost"}, "t"), (None, "t"), ({"state": "executing"}, "t"), ({"state": "unknown"}, None)):
            message.copilot_decided(card["id"], outcome)
            self.assertEqual((message.approvals[0]["outcome"], message.approvals[0].get("ticket")), (outcome, ticket))

    def test_damaged_card_is_refused(self):
        for card in ({}, {"id": "x"}, {"id": str(uuid.uuid4()), "changes": "x"}, {"id": str(uuid.uuid4()), "ids": ["1"]}):
            with self.assertRaises(UserError):
                self.mine.copilot_approve(card)
