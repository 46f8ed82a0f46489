"""Values of records as JSON, and JSON as values to write."""

from odoo.tools import html2plaintext

from ..lib import limits
from ..lib.refusal import Refusal


def moment(value):
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def as_json(records, name, value):
    """`value` as `read` gives it, for the field `name`."""
    field = records._fields[name]
    if field.type == "boolean":
        return bool(value)
    if field.type in ("integer", "float", "monetary"):
        return value or 0
    if value is False or value is None:
        return None
    if field.type == "many2one":
        return {"id": value[0], "name": limits.cut(value[1] or "")}
    if field.type in ("one2many", "many2many"):
        return list(value)[: limits.ROWS]
    if field.type == "date":
        return value.isoformat()
    if field.type == "datetime":
        return moment(value)
    return limits.cut(html2plaintext(value) if field.type == "html" else str(value))


def rows(records, names):
    """One object per record: id, name, and the fields asked for; an amount has its currency beside it."""
    read = records.read([*dict.fromkeys([*names, "display_name"])])
    currencies = {name: _currencies(records, name) for name in names if records._fields[name].type == "monetary"}
    result = []
    for values in read:
        row = {"id": values["id"], "name": limits.cut(values["display_name"] or "")}
        for name in names:
            if name not in ("id", "name"):
                row[name] = as_json(records, name, values[name])
            elif name == "name" and records._fields["name"].type != "char":
                row[name] = as_json(records, name, values[name])
            if name in currencies:
                row[f"{name}_currency"] = currencies[name].get(values["id"])
        if "name" in names and isinstance(values.get("name"), str):
            row["name"] = limits.cut(values["name"])
        result.append(row)
    return result


def currency_field(records, name):
    found = records._fields[name].get_currency_field(records)
    return found if found and found in records._fields else None


def _currencies(records, name):
    found = currency_field(records, name)
    return {record.id: record.sudo()[found].name or None for record in records} if found else {}


def to_write(records, name, description, value):
    """The value that `write` takes. Refuses what Odoo would guess at."""
    kind = description["type"]
    if value is None:
        if description.get("required") or kind == "boolean":
            raise Refusal("invalid", f"The field {name} must have a value.")
        return False
    if kind == "many2one":
        return _link(records, name, description, value)
    expected = {"integer": int, "float": (int, float), "monetary": (int, float), "boolean": bool}.get(kind, str)
    if not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean"):
        raise Refusal("invalid", f"The value of {name} is not of the type {kind}.")
    if kind == "selection" and value not in dict(description["selection"]):
        raise Refusal("invalid", f"The value of {name} is not one of its choices.")
    if kind in ("date", "datetime"):
        return _time(records, name, kind, value)
    if isinstance(value, str) and len(value.encode()) > limits.VALUE_BYTES:
        raise Refusal("limit", f"The value of {name} is too long.")
    return value


def _link(records, name, description, value):
    from . import access

    if type(value) is not int or value <= 0:
        raise Refusal("invalid", f"The field {name} takes the id of a record.")
    comodel = access.model(records.env, description["relation"])
    if not comodel.with_context(active_test=False).search_count([("id", "=", value)], limit=1):
        raise Refusal("not_found", f"The record for {name} was not found.")
    return value


def _time(records, name, kind, value):
    text = value.replace("T", " ").rstrip("Z") if kind == "datetime" else value
    try:
        return records._fields[name].to_string(records._fields[name].to_date(text) if kind == "date" else records._fields[name].to_datetime(text))
    except (ValueError, TypeError) as error:
        form = "YYYY-MM-DD" if kind == "date" else "YYYY-MM-DDTHH:MM:SSZ"
        raise Refusal("invalid", f"The field {name} takes the form {form}.") from error
