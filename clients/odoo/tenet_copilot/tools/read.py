"""The tools that only look."""

from ..compat import form_url
from ..lib import domains, limits, rules
from ..lib.refusal import Refusal
from . import access, values

# Shown first: what people ask about.
_FIRST = ("sale", "purchase", "account", "crm", "stock", "product", "project", "res", "mrp", "hr", "helpdesk", "pos")


def list_models(env):
    names = [name for name in env.registry if rules.model_allowed(name) and not env[name]._abstract and not env[name]._transient]
    labels = {one["model"]: one["name"] for one in env["ir.model"].sudo().search_read([("model", "in", names)], ["model", "name"])}

    def rank(name):
        head = name.split(".")[0]
        return (_FIRST.index(head) if head in _FIRST else len(_FIRST), name.count("."), name)

    found = []
    for name in sorted(names, key=rank):
        if len(found) == limits.LISTED:
            break
        try:
            access.model(env, name)
        except Refusal:
            continue
        found.append({"model": name, "label": labels.get(name, name)})
    return {"models": found}


def list_fields(env, model):
    records = access.model(env, model)
    described = access.fields(records, ["selection", "readonly"])
    ranked = sorted(described.items(), key=lambda item: (not item[1]["store"], item[0] not in ("id", "name", "display_name"), item[0]))
    found = []
    for name, description in ranked[: limits.LISTED]:
        one = {"name": name, "label": description["string"], "type": description["type"]}
        if description.get("relation"):
            one["relation"] = description["relation"]
        if description.get("selection"):
            one["selection"] = [list(choice) for choice in description["selection"]][:80]
        one["stored"] = bool(description["store"])
        one["writable"] = not description["readonly"] and description["type"] in rules.WRITE_TYPES and rules.model_writable(model)
        found.append(one)
    return {"model": model, "fields": found}


def domain_of(records, domain):
    checked = domains.check(domain, lambda hops, value: access.path(records, hops, value))
    return access.guard_hops(records, checked, limits.HIDDEN_HOP_RECORDS)


def restricted(records):
    """Whether record rules hide any row of this model from the user. Says nothing about the domain asked for: it would answer guesses."""
    if not records.env["ir.rule"]._compute_domain(records._name, "read"):
        return False
    everything = records.with_context(active_test=False)
    return everything.sudo().search_count([]) > everything.search_count([])


def _fields(records, names):
    for name in names:
        access.field(records, name)
    return list(dict.fromkeys(names))


def search_records(env, model, domain, fields=(), order=None, limit=limits.DEFAULT_ROWS, offset=0):
    records = access.model(env, model)
    names, terms = _fields(records, fields), domain_of(records, domain)
    sorting = domains.check_order(order, lambda name: _sortable(records, name))
    found = records.search(terms, order=sorting, limit=limit, offset=offset)
    total = records.search_count(terms)
    return {"model": model, "rows": values.rows(found, names), "total": total, "restricted": restricted(records)}


def _sortable(records, name):
    description = access.field(records, name, "sortable")
    if description["type"] == "many2one":  # sorted by the linked record's own order
        access.model(records.env, description["relation"])


def visible(records, ids):
    """The records of `ids` that this user may read, in that order."""
    wanted = list(dict.fromkeys(ids))
    seen = set(records.with_context(active_test=False).search([("id", "in", wanted)]).ids)
    return records.browse([one for one in wanted if one in seen])


def read_records(env, model, ids, fields):
    records = access.model(env, model)
    names = _fields(records, fields)
    return {"model": model, "rows": values.rows(visible(records, ids), names), "restricted": restricted(records)}


def one(records, record_id):
    found = visible(records, [record_id])
    if not found:
        raise Refusal("not_found", "The record was not found, or this user may not see it.")
    return found


def open_record(env, model, id):
    record = one(access.model(env, model), id)
    return {"model": model, "id": record.id, "name": limits.cut(record.display_name or ""), "url": form_url(model, record.id)}


def report_link(env, model, ids, report=None):
    found = visible(access.model(env, model), ids)
    if len(found) != len(set(ids)):
        raise Refusal("not_found", "A record was not found, or this user may not see it.")
    domain = [("model", "=", model), ("report_type", "=", "qweb-pdf")]
    if report:
        domain.append(("report_name", "=", report))
    groups = "group_ids" if "group_ids" in env["ir.actions.report"]._fields else "groups_id"
    mine = env.user.all_group_ids if "all_group_ids" in env.user._fields else env.user.groups_id
    for candidate in env["ir.actions.report"].sudo().search(domain, order="id"):
        if not candidate[groups] or candidate[groups] & mine:
            listed = ",".join(str(one) for one in found.ids)
            return {"url": f"/report/pdf/{candidate.report_name}/{listed}", "name": candidate.with_env(env).sudo().name}
    raise Refusal("not_found", "There is no such report for these records.")
