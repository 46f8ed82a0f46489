from odoo.tests import tagged

from ..compat import VERSION
from .common import CopilotCase, make_user


@tagged("post_install", "-at_install")
class TestReads(CopilotCase):
    def search(self, domain, user=None, model="res.partner", fields=(), **more):
        return self.call(user or self.anna, "search_records", model=model, domain=domain, fields=list(fields), **more)

    def test_rows_have_id_name_and_the_fields_asked_for(self):
        found = self.search([["id", "=", self.partner.id]], fields=["city", "country_id", "phone", "child_ids", "is_company", "create_date"])
        row = found["rows"][0]
        self.assertEqual(set(row), {"id", "name", "city", "country_id", "phone", "child_ids", "is_company", "create_date"})
        self.assertEqual((row["name"], row["city"], row["country_id"], row["child_ids"], row["is_company"]), ("Copilot Ltd", "Rome", None, [], True))
        self.assertRegex(row["create_date"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual((found["total"], found["model"]), (1, "res.partner"))

    def test_missing_closed_and_forbidden_models_answer_the_same(self):
        details = {self.refused("access", self.anna, "list_fields", model=name) for name in ("no.such", "ir.cron", "res.groups", "tenet.copilot.message")}
        self.assertEqual(len(details), 1)

    def test_secret_and_binary_fields_never(self):
        admin = self.env.ref("base.user_admin")
        for user in (self.anna, admin):
            names = {one["name"] for one in self.call(user, "list_fields", model="res.users")["fields"]}
            self.assertFalse(names & {"password", "new_password", "totp_secret", "api_key_ids", "image_1920", "avatar_128", "signature"})
            for name in ("password", "image_1920", "totp_secret", "access_token", "signup_token", "message_ids", "nonsense"):
                self.refused("invalid", user, "read_records", model="res.users", ids=[user.id], fields=[name])
                self.refused("invalid", user, "search_records", model="res.users", domain=[[name, "!=", None]], fields=[])
                self.refused("invalid", user, "search_records", model="res.users", domain=[], fields=[], order=name)
                self.refused("invalid", user, "aggregate", model="res.users", domain=[], group_by=[name], measures=["count"])
                self.refused("invalid", user, "aggregate", model="res.users", domain=[], group_by=[], measures=[f"{name}:count_distinct"])

    def test_each_hop_of_a_path_is_checked(self):
        self.assertEqual(self.search([["country_id.code", "=", "XX"]])["rows"], [])
        for path in ("create_uid.password", "user_ids.password", "user_ids.groups_id.name", "country_id.name.x", "message_ids.body", "user_ids.totp_secret"):
            answer = self.search([[path, "ilike", "a"]])
            self.assertIn(answer.get("error"), ("invalid", "access"), path)

    def test_hidden_records_stay_hidden_in_paths(self):
        hidden = self.env["res.partner"].create({"name": "Hidden parent", "phone": "424242"})
        self.env["res.partner"].create({"name": "Child", "parent_id": hidden.id})
        self.env["ir.rule"].create(
            {"name": "hide", "model_id": self.env["ir.model"]._get_id("res.partner"), "domain_force": f"[('id', '!=', {hidden.id})]"}
        )
        self.assertEqual(self.search([["parent_id.phone", "=", "424242"]])["total"], 0)
        self.assertTrue(self.search([])["restricted"])
        read = self.call(self.anna, "read_records", model="res.partner", ids=[hidden.id, self.partner.id], fields=[])
        self.assertEqual([row["id"] for row in read["rows"]], [self.partner.id])
        self.refused("not_found", self.anna, "open_record", model="res.partner", id=hidden.id)

    def test_limits(self):
        self.refused("limit", self.anna, "search_records", model="res.partner", domain=[], fields=[], limit=10_000)
        self.refused("limit", self.anna, "search_records", model="res.partner", domain=[], fields=["city"] * 31)
        self.env["res.partner"].create([{"name": f"Many {number}", "comment": "x" * 9000} for number in range(90)])
        found = self.search([["name", "=like", "Many %"]], fields=["comment"], limit=80)
        self.assertEqual((len(found["rows"]), found["total"]), (80, 90))
        self.assertLessEqual(max(len(row["comment"]) for row in found["rows"]), 2000)

    def test_html_comes_as_text(self):
        self.partner.comment = "<p>one <b>two</b></p><script>alert(1)</script>"
        text = self.search([["id", "=", self.partner.id]], fields=["comment"])["rows"][0]["comment"]
        self.assertNotIn("<", text)

    def test_errors_tell_nothing_of_odoo(self):
        detail = self.refused("invalid", self.anna, "search_records", model="res.partner", domain=[["date", ">", "no date"]], fields=[])
        self.assertNotRegex(detail, "(?i)psycopg|select |traceback|group")

    def test_aggregate_is_computed_by_odoo(self):
        self.env["res.partner"].create([{"name": f"Sum {number}", "color": number, "city": "A" if number % 2 else "B"} for number in range(10)])
        asked = {"model": "res.partner", "domain": [["name", "=like", "Sum %"]], "measures": ["color:sum", "count", "color:max"]}
        found = self.call(self.anna, "aggregate", group_by=["city"], order="color:sum desc", **asked)
        self.assertEqual([group["key"]["city"] for group in found["groups"]], ["A", "B"])
        self.assertEqual(found["groups"][0]["values"], {"color:sum": 25, "count": 5, "color:max": 9})
        self.assertEqual(found["totals"], {"color:sum": 45, "count": 10, "color:max": 9})
        for group in found["groups"]:
            self.assertEqual(self.search(group["domain"])["total"], group["values"]["count"])
        self.assertTrue(self.call(self.anna, "aggregate", group_by=["city"], limit=1, **asked)["truncated"])

    def test_domain_of_a_period_finds_its_records(self):
        self.anna.tz = "Europe/Berlin"
        makes = self.env["res.partner"].create([{"name": f"When {number}"} for number in range(4)])
        for partner, moment in zip(makes, ("2026-03-31 21:59:59", "2026-03-31 22:00:00", "2026-04-30 21:59:59", "2026-04-30 22:00:00")):
            self.env.cr.execute("UPDATE res_partner SET create_date = %s WHERE id = %s", [moment, partner.id])
        self.env.invalidate_all()
        for step in ("day", "week", "month", "quarter", "year"):
            found = self.call(
                self.anna, "aggregate", model="res.partner", domain=[["name", "=like", "When %"]], group_by=[f"create_date:{step}"], measures=["count"]
            )
            for group in found["groups"]:
                self.assertEqual(self.search(group["domain"])["total"], group["values"]["count"], step)
            if step == "month":
                self.assertEqual([group["values"]["count"] for group in found["groups"]], [1, 2, 1])

    def test_aggregates_that_are_none_are_refused(self):
        for more in (
            {"group_by": ["name:month"], "measures": ["count"]},
            {"group_by": ["create_date"], "measures": ["count"]},
            {"group_by": ["create_date:century"], "measures": ["count"]},
            {"group_by": ["child_ids"], "measures": ["count"]},
            {"group_by": [], "measures": ["name:sum"]},
            {"group_by": [], "measures": ["color:array_agg"]},
            {"group_by": [], "measures": ["color"]},
            {"group_by": [], "measures": ["count"], "order": "id desc"},
        ):
            self.refused("invalid", self.anna, "aggregate", model="res.partner", domain=[], **more)

    def test_sums_of_several_currencies_are_refused(self):
        if "sale.order" not in self.env:
            self.skipTest("needs sale")
        boss = make_user(self.env, "boss", ["base.group_user", "sales_team.group_sale_manager"])
        other = self.env["res.currency"].with_context(active_test=False).search([("id", "!=", self.env.company.currency_id.id)], limit=1)
        other.active = True
        lists = self.env["product.pricelist"].create([{"name": "own", "currency_id": self.env.company.currency_id.id}, {"name": "other", "currency_id": other.id}])
        orders = self.env["sale.order"].create([{"partner_id": self.partner.id, "pricelist_id": one.id} for one in lists])
        asked = {"model": "sale.order", "domain": [["id", "in", orders.ids]], "measures": ["amount_total:sum"]}
        self.refused("invalid", boss, "aggregate", group_by=[], **asked)
        self.assertEqual(len(self.call(boss, "aggregate", group_by=["currency_id"], **asked)["groups"]), 2)
        one = self.call(boss, "aggregate", group_by=[], **(asked | {"domain": [["id", "=", orders[0].id]]}))
        self.assertEqual(one["currency"], self.env.company.currency_id.name)

    def test_models_are_those_the_user_may_read(self):
        names = {one["model"] for one in self.call(self.anna, "list_models")["models"]}
        self.assertIn("res.partner", names)
        self.assertFalse({"ir.cron", "ir.attachment", "res.groups", "tenet.copilot.session"} & names)
        self.assertLessEqual(len(names), 200)

    def test_link_of_a_record_is_of_this_version(self):
        url = self.call(self.anna, "open_record", model="res.partner", id=self.partner.id)["url"]
        self.assertEqual(url.startswith("/odoo/"), VERSION >= 18)

    def test_reports_follow_the_records_rights(self):
        if "sale.order" not in self.env:
            self.skipTest("needs sale")
        boss = make_user(self.env, "boss", ["base.group_user", "sales_team.group_sale_manager"])
        order = self.env["sale.order"].create({"partner_id": self.partner.id})
        self.assertIn(f"/{order.id}", self.call(boss, "report_link", model="sale.order", ids=[order.id])["url"])
        self.refused("access", self.anna, "report_link", model="sale.order", ids=[order.id])
        self.refused("not_found", boss, "report_link", model="sale.order", ids=[order.id], report="no.such")
