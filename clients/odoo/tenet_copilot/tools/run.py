"""One tool call: the user's environment in, content out. Whatever goes wrong becomes a safe class of error."""

import logging

import psycopg2

from odoo.exceptions import AccessDenied, AccessError, MissingError, UserError

from ..lib import arguments as checked
from ..lib import catalog, limits
from ..lib.refusal import Refusal
from . import aggregate, read, write

_logger = logging.getLogger(__name__)

_READS = {
    "list_models": read.list_models,
    "list_fields": read.list_fields,
    "search_records": read.search_records,
    "read_records": read.read_records,
    "aggregate": aggregate.aggregate,
    "open_record": read.open_record,
    "report_link": read.report_link,
}


def run(env, name, arguments):
    """(content, is error). Nothing of a failed call, a look or a preview stays in the database."""
    keep = False
    try:
        env.cr.execute("SET LOCAL statement_timeout = %s", [limits.STATEMENT_MILLISECONDS])
        given = checked.check(catalog.schema(name), arguments)
        content = _READS[name](env, **given) if name in _READS else _write(env, name, dict(given))
        keep = arguments.get("mode") == "execute"
        return content, False
    except Refusal as refusal:
        return refusal.content(), True
    except (AccessError, AccessDenied):
        return _refused("access", "Odoo does not let this user do that.")
    except MissingError:
        return _refused("not_found", "A record does not exist any more.")
    except UserError:  # and ValidationError
        return _refused("invalid", "Odoo refused: a rule of this database does not allow it.")
    except psycopg2.errors.QueryCanceled:
        return _refused("limit", "That took too long: narrow the domain.")
    except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected, psycopg2.errors.LockNotAvailable):
        raise  # Odoo runs the request again
    except (psycopg2.IntegrityError, psycopg2.DataError):
        return _refused("invalid", "The database refused: a value is missing, doubled, in use or of the wrong kind.")
    except Exception as error:  # noqa: BLE001 the text of an unknown error may hold values of records
        _logger.warning("Tool %s failed: %s", name, type(error).__name__)
        return _refused("internal", "Odoo could not do that.")
    finally:
        if not keep:
            undo(env)


def undo(env):
    env.cr.rollback()


def _refused(code, detail):
    return Refusal(code, detail).content(), True


def _write(env, name, given):
    mode, expect, approval = given.pop("mode"), given.pop("expect", None), given.pop("approval", None)
    return write.run(env, name, given, mode, expect, approval)
