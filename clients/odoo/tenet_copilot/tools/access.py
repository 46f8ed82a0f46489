"""Which models and fields a tool may touch: the user's own rights, less what never leaves Odoo."""

import re
from datetime import datetime

from ..compat import bypasses_rules, may
from ..lib import rules
from ..lib.refusal import Refusal

_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\dZ?)?", re.ASCII)


def model(env, name, operation="read"):
    """The empty recordset. A model that is missing, closed or forbidden answers the same."""
    known = rules.model_writable if operation != "read" else rules.model_allowed
    if not known(name) or name not in env or env[name]._abstract or env[name]._transient or not may(env[name], operation):
        raise Refusal("access", "This user may not use that model, or it does not exist.")
    return env[name]


def fields(records, attributes=()):
    """{name: description} of the fields that may be read, as fields_get describes them to this user."""
    wanted = ["type", "string", "relation", "store", "searchable", "sortable", *attributes]
    return {
        name: description
        for name, description in records.fields_get(attributes=wanted).items()
        if name in records._fields and (name == "id" or _allowed(records, name, description))  # res.users describes fields it has not
    }


def _allowed(records, name, description):
    return rules.field_allowed(name, description["type"], description.get("relation"), _groups(records._fields[name]))


def _groups(field):
    """groups= of the field and of what it takes its value from."""
    found = [field.groups] if field.groups else []
    while field.related and field.related_field is not field:
        field = field.related_field
        if field.groups:
            found.append(field.groups)
    return ",".join(found)


def field(records, name, quality=None):
    """The description of one field. `quality`: what must be true of it, e.g. searchable."""
    if not isinstance(name, str) or name not in records._fields:
        raise Refusal("invalid", "A field is not known in this model, or this user may not use it.")
    described = records.fields_get([name], ["type", "string", "relation", "store", "searchable", "sortable"])
    if name not in described or not (name == "id" or _allowed(records, name, described[name])):
        raise Refusal("invalid", "A field is not known in this model, or this user may not use it.")
    description = described[name]
    if quality and not description.get(quality):
        raise Refusal("invalid", f"The field {name} is not {quality}.")
    if records._fields[name].related:
        _check_related(records, records._fields[name])
    return description


def _check_related(records, related):
    """A related field must not show what its own path may not: each hop is a field that may be used."""
    for hop in related.related.split(".") if isinstance(related.related, str) else related.related:
        if hop in records._fields and rules.secret_name(hop):
            raise Refusal("invalid", "A field is not known in this model, or this user may not use it.")
        comodel = records._fields[hop].comodel_name if hop in records._fields else None
        if not comodel:
            return
        records = records.env[comodel]


def label(records, name):
    """A field's label in the user's language."""
    return records.fields_get([name], ["string"])[name]["string"]


def path(records, hops, value):
    """Checks each hop of a dotted path: the field, and the right to read the model that it leads to. Gives the value as the last one takes it."""
    for position, name in enumerate(hops):
        description = field(records, name, "searchable")
        if position + 1 == len(hops):
            return _suits(name, description["type"], value)
        if description["type"] not in ("many2one", "one2many", "many2many"):
            raise Refusal("invalid", "A path goes through a field that is no link.")
        records = model(records.env, description["relation"])


def _suits(name, kind, value):
    """What PostgreSQL would refuse is refused here: its refusal is logged with the values."""
    for one in value if isinstance(value, list) else [value]:
        if one is None or isinstance(one, bool):
            continue
        if kind in ("date", "datetime") and not (isinstance(one, str) and _TIME.fullmatch(one) and _is_time(one)):
            raise Refusal("invalid", f"The field {name} is compared with YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ.")
        if (kind in rules.NUMBER_TYPES or name == "id") and isinstance(one, str):
            raise Refusal("invalid", f"The field {name} is compared with a number.")
        if kind in ("integer", "many2one", "one2many", "many2many") and isinstance(one, int) and abs(one) >= 2**31:
            raise Refusal("limit", f"The number for {name} is too large.")
    return value.replace("T", " ").rstrip("Z") if kind == "datetime" and isinstance(value, str) else value


def _is_time(text):
    try:
        return bool(datetime.fromisoformat(text.rstrip("Z")))
    except ValueError:
        return False


def guard_hops(records, domain, limit):
    """Replaces terms that go through a link which ignores record rules by the ids that this user sees."""
    return [_guard(records, term, limit) if isinstance(term, tuple) else term for term in domain]


def _guard(records, term, limit):
    hops, operator, value = term[0].split("."), term[1], term[2]
    if len(hops) == 1:
        return term
    link = records._fields[hops[0]]
    comodel = records.env[link.comodel_name]
    inner = _guard(comodel, (".".join(hops[1:]), operator, value), limit)
    if not bypasses_rules(link) and inner[0] == ".".join(hops[1:]):
        return term
    found = comodel.with_context(active_test=False).search([inner], limit=limit + 1)
    if len(found) > limit:
        raise Refusal("limit", "A term of the domain matches too many linked records: search those first.")
    return (hops[0], "in", found.ids)
