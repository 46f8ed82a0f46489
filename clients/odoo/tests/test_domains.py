import random
import unittest

from . import support  # noqa: F401
from lib import domains
from lib.refusal import Refusal


def check(domain):
    seen = []

    def field_at(hops, value):
        seen.append(hops)
        return value

    return domains.check(domain, field_at), seen


class Domains(unittest.TestCase):
    def refused(self, code, domain):
        with self.assertRaises(Refusal) as caught:
            check(domain)
        self.assertEqual(caught.exception.code, code)

    def test_terms_side_by_side(self):
        checked, seen = check([["name", "ilike", "a"], ["partner_id.country_id.code", "=", "DE"]])
        self.assertEqual(checked, [("name", "ilike", "a"), ("partner_id.country_id.code", "=", "DE")])
        self.assertEqual(seen, [["name"], ["partner_id", "country_id", "code"]])

    def test_empty_domain(self):
        self.assertEqual(check([])[0], [])

    def test_prefix_operators(self):
        term = ["a", "=", 1]
        for domain in (["|", term, term], ["!", term], ["&", "|", term, term, "!", term], [term, "|", term, term]):
            check(domain)

    def test_dangling_operators_are_refused(self):
        term = ["a", "=", 1]
        for domain in (["|"], ["|", term], ["!"], [term, "&"], ["&", "|", term, term]):
            self.refused("invalid", domain)

    def test_shapes_that_odoo_guesses_at_are_refused(self):
        for domain in (None, "[]", {}, [[]], [["a", "="]], [["a", "=", 1, 2]], ["x"], [1], [None], [[1, "=", 1]], [["a", "=", 1], [["b", "=", 2]]]):
            self.refused("invalid", domain)

    def test_unknown_operators_are_refused(self):
        for operator in ("any", "not any", "any!", "inselect", "==", "", "LIKE", None, 1, []):
            self.refused("invalid", [["a", operator, 1]])

    def test_sub_domains_and_objects_as_values_are_refused(self):
        for value in ({}, [1], [["b", "=", 1]]):
            self.refused("invalid", [["a", "=", value]])
        self.refused("invalid", [["a", "in", 1]])
        self.refused("invalid", [["a", "in", [[1]]]])

    def test_limits(self):
        self.refused("limit", [["a", "=", 1]] * 101)
        self.refused("limit", [["a", "in", list(range(501))]])
        self.refused("limit", [["a", "=", "x" * 501]])
        self.refused("limit", [["a.b.c.d.e.f", "=", 1]])
        self.refused("limit", [["a", "=", 2**63]])
        self.refused("limit", [["a", "=", "x\x00"]])

    def test_field_paths(self):
        for path in ("", "a.", ".a", "a..b", "A", "a b", "a-b", "a;drop", "properties.x y", "é", "a\n"):
            self.refused("invalid", [[path, "=", 1]])

    def test_null_is_odoos_false(self):
        self.assertEqual(check([["a", "=", None]])[0], [("a", "=", False)])

    def test_what_passes_is_complete(self):
        """Random sequences: whatever passes has one term more than binary operators, so Odoo has nothing to guess."""
        draw = random.Random(7)
        for _ in range(3000):
            domain = [draw.choice(["&", "|", "!", ["a", "=", 1]]) for _ in range(draw.randrange(8))]
            try:
                checked, _seen = check(domain)
            except Refusal:
                continue
            terms, binary = sum(isinstance(one, tuple) for one in checked), sum(one in ("&", "|") for one in checked)
            self.assertTrue(not checked or terms >= binary + 1)
            self.assertTrue(not checked or isinstance(checked[-1], tuple))


class Orders(unittest.TestCase):
    def test_order(self):
        seen = []
        self.assertEqual(domains.check_order("date desc,  id", seen.append), "date desc, id asc")
        self.assertEqual(seen, ["date", "id"])
        self.assertIsNone(domains.check_order(None, seen.append))

    def test_other_orders_are_refused(self):
        for order in ("", "partner_id.name", "date; drop table x", "date desc nulls first", "random()", 1, ["id"], "a,b,c,d"):
            with self.assertRaises(Refusal):
                domains.check_order(order, lambda name: None)
