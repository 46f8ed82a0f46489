import psycopg2

from odoo import api, fields, models

from ..lib.signatures import NONCE_LIFETIME


class Nonce(models.Model):
    _name = "tenet.copilot.nonce"
    _description = "Nonce of a signed request"
    _log_access = False

    value = fields.Char(required=True)
    seen_at = fields.Datetime(required=True)

    def init(self):
        self.env.cr.execute("CREATE UNIQUE INDEX IF NOT EXISTS tenet_copilot_nonce_value_uniq ON tenet_copilot_nonce (value)")

    @api.model
    def _take(self, value):
        """False when the nonce was seen before. Kept at once, whatever becomes of the request, so that all workers know it."""
        try:
            with self.env.registry.cursor() as cr:
                cr.execute(
                    "INSERT INTO tenet_copilot_nonce (value, seen_at) VALUES (%s, now() at time zone 'UTC') ON CONFLICT (value) DO NOTHING", [value]
                )
                return cr.rowcount == 1
        except psycopg2.errors.SerializationFailure:
            return False

    @api.autovacuum
    def _forget(self):
        self.env.cr.execute(
            "DELETE FROM tenet_copilot_nonce WHERE seen_at < now() at time zone 'UTC' - make_interval(secs => %s)", [2 * NONCE_LIFETIME]
        )
