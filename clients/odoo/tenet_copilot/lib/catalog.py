"""The tools as tools/list declares them."""

from . import limits

_MODEL = {"type": "string", "maxLength": 100, "description": "Technical name of the model, e.g. sale.order"}
_DOMAIN = {
    "type": "array",
    "maxItems": limits.DOMAIN_TERMS,
    "description": 'Odoo domain: terms ["field", "operator", value], with "&", "|", "!" before the terms they join',
}
_ID = {"type": "integer", "minimum": 1}
_FIELDS = {"type": "array", "items": {"type": "string", "maxLength": 64}, "maxItems": limits.FIELDS}
_VALUES = {"type": "object", "description": "Values by field; a link to another record is its id"}


def _ids(maximum):
    return {"type": "array", "items": _ID, "minItems": 1, "maxItems": maximum}


def _tool(name, description, required, /, **properties):
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"name": name, "description": description, "inputSchema": schema, "annotations": {"readOnlyHint": True, "openWorldHint": False}}


def _write(name, description, required, /, **properties):
    steps = {
        "mode": {"type": "string", "enum": ["preview", "execute"]},
        "expect": {"type": "object"},
        "approval": {"type": "string", "maxLength": 36},
    }
    tool = _tool(name, description, ["mode", *required], **properties, **steps)
    tool["annotations"] = {"readOnlyHint": False, "destructiveHint": False, "openWorldHint": False}
    return tool


TOOLS = (
    _tool("list_models", "The kinds of records that this user may read", []),
    _tool("list_fields", "The fields of a model that may be used", ["model"], model=_MODEL),
    _tool(
        "search_records",
        "Records that match a domain, with the fields named",
        ["model", "domain"],
        model=_MODEL,
        domain=_DOMAIN,
        fields=_FIELDS,
        order={"type": "string", "maxLength": 200},
        limit={"type": "integer", "minimum": 1, "maximum": limits.ROWS},
        offset={"type": "integer", "minimum": 0, "maximum": limits.OFFSET},
    ),
    _tool("read_records", "Fields of the records with these ids", ["model", "ids", "fields"], model=_MODEL, ids=_ids(limits.ROWS), fields=_FIELDS),
    _tool(
        "aggregate",
        "Numbers over all records of a domain, computed by Odoo: use it for every total, count or average",
        ["model", "domain", "group_by", "measures"],
        model=_MODEL,
        domain=_DOMAIN,
        group_by={
            "type": "array",
            "items": {"type": "string", "maxLength": 80},
            "maxItems": limits.GROUP_BY,
            "description": "Fields; dates with a step: date_order:month (day, week, month, quarter, year)",
        },
        measures={
            "type": "array",
            "items": {"type": "string", "maxLength": 80},
            "minItems": 1,
            "maxItems": limits.MEASURES,
            "description": "count, or field:sum, field:avg, field:min, field:max, field:count_distinct",
        },
        order={"type": "string", "maxLength": 200, "description": "e.g. amount_total:sum desc"},
        limit={"type": "integer", "minimum": 1, "maximum": limits.ROWS},
    ),
    _tool("open_record", "The link that opens a record in Odoo", ["model", "id"], model=_MODEL, id=_ID),
    _tool(
        "report_link",
        "The link to the PDF of records, e.g. of an order or an invoice",
        ["model", "ids"],
        model=_MODEL,
        ids=_ids(limits.REPORT_RECORDS),
        report={"type": "string", "maxLength": 100},
    ),
    _write("create_record", "Make a record", ["model", "values"], model=_MODEL, values=_VALUES),
    _write("update_record", "Change fields of records", ["model", "ids", "values"], model=_MODEL, ids=_ids(limits.WRITE_RECORDS), values=_VALUES),
    _write("archive_record", "Archive records", ["model", "ids"], model=_MODEL, ids=_ids(limits.WRITE_RECORDS)),
    _write(
        "confirm_order",
        "Confirm a quotation or a request for quotation",
        ["model", "id"],
        model={"type": "string", "enum": ["sale.order", "purchase.order"]},
        id=_ID,
    ),
    _write(
        "post_message",
        "Write a note (internal) or a message to the followers of a record",
        ["model", "id", "text"],
        model=_MODEL,
        id=_ID,
        text={"type": "string", "maxLength": 4000},
        internal={"type": "boolean"},
    ),
    _write(
        "schedule_activity",
        "Plan a to-do on a record",
        ["model", "id", "summary", "date"],
        model=_MODEL,
        id=_ID,
        summary={"type": "string", "maxLength": 200},
        date={"type": "string", "maxLength": 10, "description": "YYYY-MM-DD"},
        uid={"type": "integer", "minimum": 1, "description": "Who shall do it; without it, the user who asks"},
    ),
)
WRITES = frozenset(tool["name"] for tool in TOOLS if not tool["annotations"]["readOnlyHint"])


def schema(name):
    return next(tool["inputSchema"] for tool in TOOLS if tool["name"] == name)
