import uuid

from odoo.tests import tagged

from .common import CopilotCase, make_user


@tagged("post_install", "-at_install")
class TestWrites(CopilotCase):
    def preview(self, tool, user=None, **arguments):
        return self.call(user or self.anna, tool, mode="preview", **arguments)

    def approve(self, tool, preview, user=None):
        card = {"id": str(uuid.uuid4()), "action": tool, "model": preview["model"], "ids": preview["ids"], "changes": preview["changes"]}
        self.env["tenet.copilot.session"].with_user(user or self.anna).copilot_approve(card)
        return card["id"]

    def execute(self, tool, preview, approval, user=None, **arguments):
        return self.call(user or self.anna, tool, mode="execute", expect=preview["expect"], approval=approval, **arguments)

    def do(self, tool, user=None, **arguments):
        seen = self.preview(tool, user, **arguments)
        self.assertNotIn("error", seen)
        return self.execute(tool, seen, self.approve(tool, seen, user), user, **arguments)

    def asked(self, **values):
        return {"model": "res.partner", "ids": [self.partner.id], "values": values or {"phone": "2", "city": None}}

    def test_preview_changes_nothing(self):
        seen = self.preview("update_record", **self.asked())
        self.assertEqual(
            [(one["field"], one["before"], one["after"]) for one in seen["changes"]], [("phone", "1", "2"), ("city", "Rome", None)]
        )
        self.assertEqual((seen["record"], self.partner.phone), ("Copilot Ltd", "1"))

    def test_approved_change_is_done_by_the_user(self):
        done = self.do("update_record", **self.asked())
        self.assertEqual(done, {"model": "res.partner", "ids": [self.partner.id], "record": "Copilot Ltd"})
        self.assertEqual((self.partner.phone, self.partner.city, self.partner.write_uid), ("2", False, self.anna))
        action = self.env["tenet.copilot.action"].search([], limit=1)
        self.assertEqual((action.state, action.user_id, action.records, action.sudo().shown), ("done", self.anna, str(self.partner.id), False))

    def test_nothing_is_done_without_the_users_click(self):
        seen = self.preview("update_record", **self.asked())
        self.assertEqual(self.execute("update_record", seen, str(uuid.uuid4()), **self.asked())["error"], "access")
        self.assertEqual(self.partner.phone, "1")

    def test_click_of_another_user_does_not_count(self):
        seen = self.preview("update_record", **self.asked())
        approval = self.approve("update_record", seen, self.bob)
        self.assertEqual(self.execute("update_record", seen, approval, **self.asked())["error"], "access")

    def test_click_counts_once(self):
        seen = self.preview("update_record", **self.asked())
        approval = self.approve("update_record", seen)
        self.execute("update_record", seen, approval, **self.asked())
        again = self.preview("update_record", **self.asked())
        self.assertEqual(self.execute("update_record", again, approval, **self.asked())["error"], "access")

    def test_click_counts_for_what_was_shown_only(self):
        approval = self.approve("update_record", self.preview("update_record", **self.asked()))
        other = self.asked(phone="666")
        self.assertEqual(self.execute("update_record", self.preview("update_record", **other), approval, **other)["error"], "access")
        self.assertEqual(self.partner.phone, "1")

    def test_user_learns_whether_their_own_approval_was_carried_out(self):
        messages = self.env["tenet.copilot.message"]
        seen = self.preview("update_record", **self.asked())
        approval = self.approve("update_record", seen)
        self.assertFalse(messages.with_user(self.anna).copilot_was_done(approval))
        self.execute("update_record", seen, approval, **self.asked())
        self.assertTrue(messages.with_user(self.anna).copilot_was_done(approval))
        self.assertFalse(messages.with_user(self.bob).copilot_was_done(approval))
        self.assertFalse(messages.with_user(self.anna).copilot_was_done("x"))

    def test_other_arguments_than_previewed_are_a_conflict(self):
        seen = self.preview("update_record", **self.asked())
        self.assertEqual(self.execute("update_record", seen, self.approve("update_record", seen), **self.asked(phone="666"))["error"], "conflict")

    def test_record_that_changed_meanwhile_is_a_conflict_with_the_new_preview(self):
        seen = self.preview("update_record", **self.asked())
        approval = self.approve("update_record", seen)
        self.partner.phone = "3"
        answer = self.execute("update_record", seen, approval, **self.asked())
        self.assertEqual((answer["error"], answer["preview"]["changes"][0]["before"], self.partner.phone), ("conflict", "3", "3"))

    def test_old_click_is_expired(self):
        seen = self.preview("update_record", **self.asked())
        approval = self.approve("update_record", seen)
        self.env.flush_all()
        self.env.cr.execute("UPDATE tenet_copilot_action SET create_date = create_date - interval '16 minutes' WHERE approval = %s", [approval])
        self.env.invalidate_all()
        self.assertEqual(self.execute("update_record", seen, approval, **self.asked())["error"], "access")
        self.env["tenet.copilot.action"]._expire()
        action = self.env["tenet.copilot.action"].sudo().search([("approval", "=", approval)])
        self.assertEqual((action.state, action.shown), ("expired", False))

    def test_fields_that_may_not_be_written(self):
        for values in ({"id": 5}, {"create_uid": 1}, {"child_ids": [1]}, {"image_1920": "AA=="}, {"nonsense": 1}, {"signup_token": "x"}, {}, {"color": "red"}, {"type": "no such"}, {"country_id": "x"}, {"is_company": None}):
            self.assertIn(self.preview("update_record", model="res.partner", ids=[self.partner.id], values=values)["error"], ("invalid", "access"), values)
        self.assertEqual(self.preview("update_record", **self.asked(country_id=2**30))["error"], "not_found")

    def test_models_that_may_not_be_written(self):
        admin = self.env.ref("base.user_admin")
        for model, values in (("res.users", {"login": "x"}), ("res.company", {"name": "x"}), ("ir.cron", {"active": False}), ("res.groups", {"name": "x"})):
            self.assertEqual(self.preview("update_record", admin, model=model, ids=[1], values=values)["error"], "access")

    def test_own_rights_apply(self):
        reader = make_user(self.env, "reader", ["base.group_user", "tenet_copilot.group_writer"])
        self.assertEqual(self.preview("update_record", reader, **self.asked())["error"], "access")
        self.assertEqual(self.preview("create_record", reader, model="res.partner", values={"name": "x"})["error"], "access")

    def test_user_who_may_only_ask_changes_nothing(self):
        asker = make_user(self.env, "asker", ["base.group_user", "base.group_partner_manager"])
        self.assertEqual(self.preview("update_record", asker, **self.asked())["error"], "access")

    def test_create(self):
        done = self.do("create_record", model="res.partner", values={"name": "New Ltd", "is_company": True})
        self.assertEqual((done["record"], self.env["res.partner"].browse(done["ids"]).create_uid), ("New Ltd", self.anna))

    def test_rule_of_odoo_is_a_refusal_without_its_words(self):
        answer = self.do("update_record", **self.asked(parent_id=self.partner.id))
        self.assertEqual(answer["error"], "invalid")
        self.assertNotIn("ecursive", answer["detail"])

    def test_archive(self):
        done = self.do("archive_record", model="res.partner", ids=[self.partner.id])
        self.assertEqual((done["ids"], self.partner.active), ([self.partner.id], False))
        self.assertEqual(self.preview("archive_record", model="res.partner", ids=[self.partner.id])["error"], "invalid")

    def test_message_is_text(self):
        self.do("post_message", model="res.partner", id=self.partner.id, text="<b>hi</b><script>x</script>")
        message = self.partner.message_ids[0]
        self.assertIn("&lt;b&gt;", message.body)
        self.assertEqual((message.author_id, message.subtype_id), (self.anna.partner_id, self.env.ref("mail.mt_note")))

    def test_activity(self):
        self.do("schedule_activity", model="res.partner", id=self.partner.id, summary="Call", date="2030-01-31", uid=self.bob.id)
        activity = self.partner.activity_ids
        self.assertEqual((activity.summary, str(activity.date_deadline), activity.user_id), ("Call", "2030-01-31", self.bob))
        self.assertEqual(self.preview("schedule_activity", model="res.partner", id=self.partner.id, summary="x", date="31.1.2030")["error"], "invalid")

    def test_order(self):
        if "sale.order" not in self.env:
            self.skipTest("needs sale")
        boss = make_user(self.env, "boss", ["base.group_user", "sales_team.group_sale_manager", "tenet_copilot.group_writer"])
        product = self.env["product.product"].create({"name": "Chair", "list_price": 5})
        order = self.env["sale.order"].create({"partner_id": self.partner.id, "order_line": [(0, 0, {"product_id": product.id})]})
        self.do("confirm_order", boss, model="sale.order", id=order.id)
        self.assertEqual(order.state, "sale")
        self.assertEqual(self.preview("confirm_order", boss, model="sale.order", id=order.id)["error"], "invalid")

    def test_too_many_records_at_once(self):
        self.refused("limit", self.anna, "archive_record", mode="preview", model="res.partner", ids=list(range(1, 22)))
