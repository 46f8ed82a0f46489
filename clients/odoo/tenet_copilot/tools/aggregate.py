"""Numbers over whole domains, computed by PostgreSQL under the user's record rules."""

import re
from datetime import date, datetime, time

import pytz

from odoo.tools import date_utils

from ..lib import limits, rules
from ..lib.refusal import Refusal
from . import access, read, values

_STEPS = ("day", "week", "month", "quarter", "year")
_FUNCTIONS = ("sum", "avg", "min", "max", "count_distinct")
_ORDER = re.compile(r"([a-z_][a-z0-9_]*(?::[a-z_]+)?)(?: +(asc|desc))?", re.ASCII)


def aggregate(env, model, domain, group_by, measures, order=None, limit=limits.ROWS):
    records = access.model(env, model)
    terms = read.domain_of(records, domain)
    keys = [_key(records, spec) for spec in dict.fromkeys(group_by)]
    wanted = list(dict.fromkeys(measures))
    specs = [_measure(records, spec) for spec in wanted]
    groups = [spec for spec, _name, _step in keys]
    currency = _currency(records, terms, specs, [name for _spec, name, _step in keys])
    total = records._read_group(terms, [], specs)[0]
    sorting = _sorting(order, groups, wanted)
    found = records._read_group(terms, groups, specs, limit=limit + 1, order=sorting) if keys else []
    return {
        "model": model,
        "groups": [_group(records, domain, keys, wanted, row) for row in found[:limit]],
        "totals": _numbers(wanted, total),
        "domain": domain,
        "currency": currency,
        "truncated": len(found) > limit,
        "restricted": read.restricted(records),
    }


def _key(records, spec):
    name, _, step = spec.partition(":")
    description = access.field(records, name)
    dated = description["type"] in ("date", "datetime")
    if not description["store"] or description["type"] in ("html", "text", "one2many") or name == "id":
        raise Refusal("invalid", f"It is not possible to group by {name}.")
    if bool(step) != dated or (step and step not in _STEPS):
        raise Refusal("invalid", f"{name}: dates are grouped by a step ({', '.join(_STEPS)}), other fields without one.")
    if description["type"] in ("many2one", "many2many"):
        access.model(records.env, description["relation"])
    return spec, name, step


def _measure(records, spec):
    if spec == "count":
        return "__count"
    name, _, function = spec.partition(":")
    description = access.field(records, name)
    if function not in _FUNCTIONS or not description["store"]:
        raise Refusal("invalid", "A measure is count or field:sum, avg, min, max, count_distinct of a stored field.")
    kinds = rules.NUMBER_TYPES | ({"date", "datetime"} if function in ("min", "max") else set())
    if function == "count_distinct":
        kinds = rules.FIELD_TYPES - {"one2many", "many2many", "html", "text"}
    if description["type"] not in kinds or (name == "id" and function != "count_distinct"):
        raise Refusal("invalid", f"The field {name} has no {function}.")
    return spec


def _sorting(order, groups, wanted):
    if not order:
        return None
    terms = []
    for part in order.split(","):
        match = _ORDER.fullmatch(part.strip())
        if not match or match[1] not in (*groups, *wanted):
            raise Refusal("invalid", "An aggregate is ordered by its own groups and measures.")
        terms.append(f"{'__count' if match[1] == 'count' else match[1]} {match[2] or 'asc'}")
    return ", ".join(terms)


def _currency(records, terms, specs, grouped):
    """The one currency of the amounts. Amounts in several currencies are no sum: refused, unless grouped by the currency."""
    found = set()
    for spec in specs:
        name, _, function = spec.partition(":")
        if spec == "__count" or records._fields[name].type != "monetary" or function == "count_distinct":
            continue
        holder = values.currency_field(records, name)
        if not holder or not records._fields[holder].store:
            companies = records.env.companies.sudo()
            found |= set(companies.currency_id.mapped("name"))
            continue
        if holder in grouped:
            return None
        names = [row[0].sudo().name for row in records._read_group(terms, [holder], limit=20) if row[0]]
        if len(names) > 1:
            raise Refusal("invalid", f"{name} is in several currencies: group by {holder}.", currencies=sorted(names))
        found |= set(names)
    return found.pop() if len(found) == 1 else None


def _numbers(wanted, row):
    return {name: _number(value) for name, value in zip(wanted, row)}


def _number(value):
    if isinstance(value, datetime):
        return values.moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return round(value, 6) if isinstance(value, float) else int(value or 0)


def _group(records, domain, keys, wanted, row):
    key, inner = {}, list(domain)
    for (spec, name, step), value in zip(keys, row):
        field = records._fields[name]
        if field.relational:
            key[spec] = {"id": value.id, "name": limits.cut(value.sudo().display_name or "")} if value else None
            inner.append([name, "=", value.id or False])
        elif step and value:
            key[spec] = value.strftime("%Y-%m-%d")
            after = date_utils.add(value, **_span(step))
            inner += [[name, ">=", _edge(records, field, value)], [name, "<", _edge(records, field, after)]]
        else:
            key[spec] = None if value is False and field.type != "boolean" else value
            inner.append([name, "=", value])
    return {"key": key, "values": _numbers(wanted, row[len(keys) :]), "domain": inner}


def _span(step):
    return {"months": 3} if step == "quarter" else {f"{step}s": 1}


def _edge(records, field, value):
    """The start of a period as the field stores it: a date, or a time in UTC (periods are those of the user's time zone)."""
    day = value.date() if isinstance(value, datetime) else value
    if field.type == "date":
        return day.isoformat()
    zone = pytz.timezone(records.env.context.get("tz") or "UTC")
    return zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).strftime("%Y-%m-%d %H:%M:%S")

