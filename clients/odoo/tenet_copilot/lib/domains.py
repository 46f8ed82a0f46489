"""A search domain that came from outside: its shape, operators and values. Whether a field may be used is asked for each hop."""

import re

from . import limits
from .refusal import Refusal

OPERATORS = frozenset(
    ("=", "!=", "<", "<=", ">", ">=", "in", "not in", "like", "not like", "ilike", "not ilike", "=like", "=ilike", "child_of", "parent_of")
)
_PATH = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*", re.ASCII)


def check(domain, field_at):
    """The domain as a list of terms that Odoo takes. `field_at(hops, value)` gets the hops of a field path as a list, gives the value to use, and refuses by raising.

    Refuses what Odoo would guess at, ignore or answer with everything: dangling operators, unknown operators, sub-domains, a text as domain.
    """
    if not isinstance(domain, list):
        raise Refusal("invalid", "The domain must be a list of terms.")
    if len(domain) > limits.DOMAIN_TERMS:
        raise Refusal("limit", f"A domain has at most {limits.DOMAIN_TERMS} terms.")
    checked, expected = [], 0
    for term in domain:
        if expected == 0:
            expected = 1  # terms side by side are joined by "and"
        if term in ("&", "|"):
            expected += 1
            checked.append(term)
        elif term == "!":
            checked.append(term)
        else:
            checked.append(_leaf(term, field_at))
            expected -= 1
    if expected:
        raise Refusal("invalid", "The domain ends after an operator that wants another term.")
    return checked


def _leaf(term, field_at):
    if not isinstance(term, list) or len(term) != 3:
        raise Refusal("invalid", 'A term of a domain is ["field", "operator", value].')
    path, operator, value = term
    if not isinstance(path, str) or len(path) > 200 or not _PATH.fullmatch(path):
        raise Refusal("invalid", "A term of the domain has no field's name.")
    hops = path.split(".")
    if len(hops) > limits.DOMAIN_DEPTH:
        raise Refusal("limit", f"A field path has at most {limits.DOMAIN_DEPTH} hops.")
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise Refusal("invalid", "The domain has an operator that is not allowed.")
    _value(operator, value)
    value = field_at(hops, value)
    return path, operator, False if value is None else value


def _value(operator, value):
    many = operator in ("in", "not in") or (operator in ("child_of", "parent_of") and isinstance(value, list))
    if many:
        if not isinstance(value, list):
            raise Refusal("invalid", f"The operator {operator} wants a list.")
        if len(value) > limits.DOMAIN_VALUES:
            raise Refusal("limit", f"A list in a domain has at most {limits.DOMAIN_VALUES} values.")
    for one in value if many else [value]:
        if one is not None and not isinstance(one, (str, int, float, bool)):
            raise Refusal("invalid", "A value in the domain is neither a text, a number, a boolean nor null.")
        if isinstance(one, str) and (len(one) > limits.DOMAIN_TEXT or "\x00" in one):
            raise Refusal("limit", f"A text in a domain has at most {limits.DOMAIN_TEXT} characters.")
        if isinstance(one, int) and abs(one) >= 2**63:
            raise Refusal("limit", "A number in the domain is too large.")


_ORDER = re.compile(r"([a-z_][a-z0-9_]*)(?: +(asc|desc))?", re.ASCII | re.IGNORECASE)


def check_order(order, field_at):
    """An order such as "date desc, id", or None. Fields of other records are refused."""
    if order is None:
        return None
    if not isinstance(order, str) or len(order) > 200:
        raise Refusal("invalid", "The order must be a text such as: date desc.")
    terms = []
    for part in order.split(","):
        match = _ORDER.fullmatch(part.strip())
        if not match:
            raise Refusal("invalid", "The order must be a text such as: date desc.")
        field_at(match[1])
        terms.append(f"{match[1]} {(match[2] or 'asc').lower()}")
    if len(terms) > limits.ORDER_TERMS:
        raise Refusal("limit", f"An order has at most {limits.ORDER_TERMS} fields.")
    return ", ".join(terms)
