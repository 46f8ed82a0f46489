"""The tools that change something. Each looks first (`preview`) and acts only on what was looked at and approved (`execute`)."""

import hashlib
from datetime import date as calendar

import psycopg2

from odoo.tools import html2plaintext

from ..lib import limits, rules
from ..lib.encoding import canonical
from ..lib.refusal import Refusal
from . import access, read, values


class Plan:
    """What a write would do: shown to the user, and carried out by `act`."""

    def __init__(self, records, shown, changes, act):
        self.records, self.shown, self.changes, self.act = records, limits.cut(shown or ""), changes, act

    def preview(self, name, arguments):
        return {
            "model": self.records._name,
            "ids": self.records.ids,
            "record": self.shown,
            "changes": self.changes,
            "expect": {"fingerprint": self._fingerprint(name, arguments)},
        }

    def _fingerprint(self, name, arguments):
        """Over the arguments, the user, the records' versions and every value shown."""
        versions = self.records.sudo().read(["write_date"]) if self.records and "write_date" in self.records._fields else []
        seen = [name, arguments, self.records.env.uid, self.records.env.company.id, versions, self.changes]
        return hashlib.sha256(canonical(seen).encode()).hexdigest()


def plan(env, name, arguments):
    return _PLANS[name](env, **arguments)


def run(env, name, arguments, mode, expect=None, approval=None):
    """`mode` is preview or execute. On execute the rows are locked, looked at again, and must be as the user saw them."""
    if not env.user.has_group("tenet_copilot.group_writer"):
        raise Refusal("access", "This user may ask the copilot, but not change records with it.")
    made = plan(env, name, arguments)
    if mode == "preview":
        return made.preview(name, arguments)
    if not approval or not expect:
        raise Refusal("invalid", "An execution needs the approval and what was expected.")
    _lock(made.records)
    made = plan(env, name, arguments)
    now = made.preview(name, arguments)
    if now["expect"] != expect:
        raise Refusal("conflict", "The records have changed since they were shown.", preview=now)
    if not env["tenet.copilot.action"]._spend(approval, name, now):
        raise Refusal("access", "The user has not approved this in the panel, or it is already done.")
    done = made.act() or made.records
    env.flush_all()
    env["tenet.copilot.action"]._carried_out(approval, done)
    return {"model": made.records._name, "ids": done.ids, "record": limits.cut(done[:1].display_name or made.shown)}


def _lock(records):
    if not records:
        return
    try:
        with records.env.cr.savepoint(flush=False):
            records.env.cr.execute(f'SELECT id FROM "{records._table}" WHERE id IN %s ORDER BY id FOR UPDATE NOWAIT', [tuple(records.ids)])
    except psycopg2.errors.LockNotAvailable as error:
        raise Refusal("busy", "Somebody else is changing this record: try again.") from error
    records.invalidate_recordset()


def _targets(env, model, ids):
    found = read.visible(access.model(env, model, "write"), ids)
    access.model(env, model)
    if len(found) != len(set(ids)):
        raise Refusal("not_found", "A record was not found, or this user may not see it.")
    if not access.may(found, "write"):
        raise Refusal("access", "This user may not change that record.")
    return found


def _names(records):
    return ", ".join(limits.cut(record.display_name or "", 80) for record in records[:5]) + (" …" if len(records) > 5 else "")


def _values(records, given):
    """(values to write, [(name, description)]) of fields that this user may write."""
    if not given or len(given) > limits.FIELDS:
        raise Refusal("invalid", f"Give 1 to {limits.FIELDS} values.")
    described = access.fields(records, ["selection", "readonly", "required"])
    result = {}
    for name, value in given.items():
        description = described.get(name)
        if not description or name == "id" or description["readonly"] or description["type"] not in rules.WRITE_TYPES:
            raise Refusal("invalid", "A field is not known in this model, or may not be written.")
        result[name] = values.to_write(records, name, description, value)
    return result, described


def _shown_value(records, name, description, value):
    """A value to write as the card shows it."""
    if value is False and description["type"] != "boolean":
        return None
    if description["type"] == "many2one":
        return limits.cut(records.env[description["relation"]].browse(value).display_name or "")
    if description["type"] == "selection":
        return dict(description["selection"]).get(value, value)
    return limits.cut(html2plaintext(value)) if description["type"] == "html" else value


def _now_value(record, name, description):
    value = values.as_json(record, name, record.read([name])[0][name])
    if isinstance(value, dict):
        return value["name"]
    if description["type"] == "selection" and value is not None:
        return dict(description["selection"]).get(value, value)
    return value


def _create(env, model, values):
    records = access.model(env, model, "create")
    access.model(env, model)
    to_write, described = _values(records, values)
    changes = [
        {"field": name, "label": described[name]["string"], "before": None, "after": _shown_value(records, name, described[name], value)}
        for name, value in to_write.items()
    ]
    label = env["ir.model"].sudo()._get(model).name
    return Plan(records, str(values.get(records._rec_name or "name") or label), changes, lambda: records.create(to_write))


def _update(env, model, ids, values):
    records = _targets(env, model, ids)
    to_write, described = _values(records, values)
    changes = []
    for name, value in to_write.items():
        olds = [_now_value(record, name, described[name]) for record in records]
        before = olds[0] if all(old == olds[0] for old in olds) else "; ".join(str(old) for old in olds)
        changes.append(
            {"field": name, "label": described[name]["string"], "before": before, "after": _shown_value(records, name, described[name], value)}
        )
    return Plan(records, _names(records), changes, lambda: records.write(to_write) and records)


def _archive(env, model, ids):
    records = _targets(env, model, ids)
    if "active" not in records._fields:
        raise Refusal("invalid", "Records of this model cannot be archived.")
    if not all(records.mapped("active")):
        raise Refusal("invalid", "A record is archived already.")
    label = access.field(records, "active")["string"]
    changes = [{"field": "active", "label": label, "before": True, "after": False}]
    return Plan(records, _names(records), changes, lambda: records.action_archive() and None)


def _confirm(env, model, id):
    order = _targets(env, model, [id])
    if order.state not in ("draft", "sent"):
        raise Refusal("invalid", "Only a quotation can be confirmed.")
    states = dict(order._fields["state"]._description_selection(env))
    after = "sale" if model == "sale.order" else "purchase"
    changes = [
        {"field": "state", "label": access.field(order, "state")["string"], "before": states[order.state], "after": states[after]},
        {"field": "amount_total", "label": access.field(order, "amount_total")["string"], "before": order.amount_total, "after": order.amount_total},
    ]

    def act():
        order.action_confirm() if model == "sale.order" else order.button_confirm()
        if order.state in ("draft", "sent"):
            raise Refusal("invalid", "Odoo asks a question before it confirms this order: confirm it there.")
        return order

    return Plan(order, order.display_name, changes, act)


def _threaded(env, model, id, method):
    record = read.one(access.model(env, model), id)
    if not hasattr(record, method):
        raise Refusal("invalid", "Records of this model have no messages or activities.")
    if not access.may(record, "write"):
        raise Refusal("access", "This user may not change that record.")
    return record


def _post(env, model, id, text, internal=True):
    record = _threaded(env, model, id, "message_post")
    if not text.strip():
        raise Refusal("invalid", "The message is empty.")
    subtype = "mail.mt_note" if internal else "mail.mt_comment"
    kind = env.ref(subtype).sudo().name
    changes = [{"field": "body", "label": kind, "before": None, "after": text}]
    if not internal:
        followers = len(record.message_partner_ids)
        changes.append({"field": "message_partner_ids", "label": access.label(record, "message_partner_ids"), "before": None, "after": followers})

    def act():
        record.message_post(body=text, message_type="comment", subtype_xmlid=subtype)
        return record

    return Plan(record, record.display_name, changes, act)


def _schedule(env, model, id, summary, date, uid=None):
    record = _threaded(env, model, id, "activity_schedule")
    try:
        due = calendar.fromisoformat(date)
    except ValueError as error:
        raise Refusal("invalid", "The date takes the form YYYY-MM-DD.") from error
    user = env["res.users"].search([("id", "=", uid or env.uid), ("share", "=", False)], limit=1)
    if not user or not summary.strip():
        raise Refusal("invalid", "An activity needs a summary and an internal user.")
    activity = env["mail.activity"]
    changes = [
        {"field": "summary", "label": access.label(activity, "summary"), "before": None, "after": summary},
        {"field": "date_deadline", "label": access.label(activity, "date_deadline"), "before": None, "after": due.isoformat()},
        {"field": "user_id", "label": access.label(activity, "user_id"), "before": None, "after": user.name},
    ]

    def act():
        record.activity_schedule("mail.mail_activity_data_todo", date_deadline=due, summary=summary, user_id=user.id)
        return record

    return Plan(record, record.display_name, changes, act)


_PLANS = {
    "create_record": _create,
    "update_record": _update,
    "archive_record": _archive,
    "confirm_order": _confirm,
    "post_message": _post,
    "schedule_activity": _schedule,
}
