from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CopilotCase


@tagged("post_install", "-at_install")
class TestRights(CopilotCase):
    def setUp(self):
        super().setUp()
        self.session = self.env["tenet.copilot.session"].with_user(self.anna).create({"title": "Mine"})
        self.message = self.env["tenet.copilot.message"].with_user(self.anna).create({"session_id": self.session.id, "role": "user", "body": "secret"})

    def test_chats_are_seen_by_their_user_only(self):
        admin = self.env.ref("base.user_admin")
        for records in (self.session, self.message):
            self.assertEqual(records.with_user(self.anna).search([("id", "=", records.id)]), records)
            for other in (self.bob, admin):
                self.assertFalse(records.with_user(other).search([]) & records)
                for act in (
                    lambda mine=records, who=other: mine.with_user(who).read(["display_name"]),
                    lambda mine=records, who=other: mine.with_user(who).unlink(),
                    lambda mine=records, who=other: mine.with_user(who).write({"user_id" if "title" in mine._fields else "body": who.id}),
                ):
                    with self.assertRaises(AccessError):
                        self.env.invalidate_all()
                        act()

    def test_no_group_widens_the_rule(self):
        for rule in self.env["ir.rule"].sudo().search([("model_id.model", "in", ("tenet.copilot.session", "tenet.copilot.message"))]):
            self.assertFalse(rule.groups)

    def test_chat_of_another_user_cannot_be_made_or_written_into(self):
        with self.assertRaises(AccessError):
            self.env["tenet.copilot.session"].with_user(self.bob).create({"user_id": self.anna.id})
        with self.assertRaises(AccessError):
            self.env["tenet.copilot.message"].with_user(self.bob).create({"session_id": self.session.id, "role": "user", "body": "x"})
        with self.assertRaises(AccessError):
            self.session.with_user(self.anna).write({"user_id": self.bob.id})

    def test_connection_is_the_superusers_only(self):
        for user in (self.anna, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                self.env["tenet.copilot.connection"].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.connection.with_user(user).read(["private_key"])

    def test_values_of_an_approval_are_the_superusers_only(self):
        self.env["tenet.copilot.action"].with_user(self.anna)._approve("a1", "update_record", "res.partner", [1], [{"field": "x", "after": "secret"}])
        action = self.env["tenet.copilot.action"].sudo().search([("approval", "=", "a1")])
        admin = self.env.ref("base.user_admin")
        self.assertEqual(action.with_user(admin).action, "update_record")
        self.assertNotIn("shown", action.with_user(admin).fields_get())
        with self.assertRaises(AccessError):
            action.with_user(self.anna).read(["action"])

    def test_copy_of_the_database_has_no_connection(self):
        self.assertTrue(self.env["tenet.copilot.connection"]._current())
        self.connection.database = "original"
        self.assertFalse(self.env["tenet.copilot.connection"]._current())
