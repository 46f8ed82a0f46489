"""What differs between Odoo 17, 18 and 19, in one place."""

from odoo import release

VERSION = release.version_info[0]


def may(records, operation):
    """Whether the user may do `operation` on the model and on each of `records`."""
    if hasattr(records, "has_access"):  # from 18
        return records.has_access(operation)
    if not records.check_access_rights(operation, raise_exception=False):
        return False
    try:
        records.check_access_rule(operation)
    except Exception as error:  # noqa: BLE001 the class of a hidden record's error differs by version
        if type(error).__name__ not in ("AccessError", "MissingError"):
            raise
        return False
    return True


def bypasses_rules(field):
    """Whether a search through this link ignores the record rules of the linked model."""
    return bool(getattr(field, "bypass_search_access", None) or getattr(field, "auto_join", None))


def form_url(model, record_id):
    return f"/odoo/{model}/{record_id}" if VERSION >= 18 else f"/web#model={model}&id={record_id}&view_type=form"
