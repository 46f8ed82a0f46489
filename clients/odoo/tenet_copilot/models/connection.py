import json
import logging
import time
from urllib.parse import urlsplit

import requests

from odoo import _, api, fields, models, release
from odoo.exceptions import UserError

from ..lib import keys, signatures, tokens
from ..lib.encoding import parse_json

_logger = logging.getLogger(__name__)

_TIMEOUT = 15
_ANSWER_BYTES = 64 * 1024


class Connection(models.Model):
    """The registration with Tenet: at most one. No user has access, only the superuser: it holds the private key."""

    _name = "tenet.copilot.connection"
    _description = "Connection with Tenet"

    state = fields.Selection([("connected", "Connected"), ("copied", "Copy of a connected database")], required=True)
    server_url = fields.Char(required=True)
    url = fields.Char(required=True)
    database = fields.Char(required=True)
    private_key = fields.Text()
    public_key = fields.Json()
    tenant = fields.Char()
    kid = fields.Char()
    audience = fields.Char()
    api_url = fields.Char()
    tenet_kid = fields.Char()
    tenet_key = fields.Json()
    terms_version = fields.Char()
    terms_accepted_at = fields.Datetime()
    terms_user_id = fields.Many2one("res.users", ondelete="set null")

    @api.model
    def _current(self):
        """The working connection, or nothing. A copy of the database under another name has none."""
        found = self.sudo().search([], limit=1)
        return found if found.state == "connected" and found.private_key and found.database == self.env.cr.dbname else found.browse()

    @api.model
    def _addon_version(self):
        return self.env["ir.module.module"].sudo().search([("name", "=", "tenet_copilot")], limit=1).installed_version or "0"

    @api.model
    def _terms(self, server_url):
        return self._call("GET", server_url.rstrip("/") + "/api/copilot/terms")

    @api.model
    def _register_tenant(self, server_url, code, terms_version):
        """Makes the key pair and registers its public half. UserError says what to do when Tenet refuses."""
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url", "").rstrip("/")
        pem, now = keys.new_private_key(), fields.Datetime.now()
        body = {
            "code": code,
            "url": base,
            "database": self.env.cr.dbname,
            "public_key": keys.public_jwk(pem),
            "odoo": release.major_version,
            "addon": self._addon_version(),
            "terms": {"version": terms_version, "accepted_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "uid": self.env.uid},
        }
        answer = self._call("POST", server_url.rstrip("/") + "/api/copilot/tenants", body, pem=pem, kid="new", tenant="-")
        try:
            registered = {name: answer[name] for name in ("tenant", "kid", "audience", "api", "tenet_kid")}
            registered["tenet_key"] = keys.check_jwk(answer["tenet_key"])
            registered["api_url"] = registered.pop("api").rstrip("/")
            if not all(isinstance(registered[name], str) and len(registered[name]) <= 500 for name in registered if name != "tenet_key"):
                raise ValueError
        except (KeyError, ValueError, TypeError) as error:
            raise UserError(_("The server's answer is not Tenet's. Check the server's address.")) from error
        self.sudo().search([]).unlink()
        return self.sudo().create(
            {
                **registered,
                "state": "connected",
                "server_url": server_url.rstrip("/"),
                "url": base,
                "database": self.env.cr.dbname,
                "private_key": pem,
                "public_key": body["public_key"],
                "terms_version": terms_version,
                "terms_accepted_at": now,
                "terms_user_id": self.env.uid,
            }
        )

    def _check(self):
        self.ensure_one()
        return self._signed("POST", "/check")

    def _outcome(self):
        """(type, message) for the administrator."""
        try:
            answer = self._check()
        except UserError as error:
            return "warning", str(error)
        if answer.get("state") == "connected":
            return "success", _("Connected. Tenet has reached this Odoo.")
        reasons = {
            "certificate": _("the certificate of this Odoo is not valid"),
            "address": _("its address is not public"),
            "not_installed": _("the address leads to another database or Odoo"),
            "slow": _("it answers too slowly"),
        }
        silent = _("it does not answer")
        reason = reasons.get(str(answer.get("reason", "")).removeprefix("odoo_"), silent)
        return "warning", _("Registered, but Tenet cannot reach this Odoo: %s.", reason)

    @api.model
    def _disconnect(self, reason):
        """Tells Tenet and forgets the keys. Goes on when Tenet does not answer. Gives Tenet's answer, or None."""
        answer = None
        connection = self._current()
        if connection:
            try:
                answer = connection._signed("POST", "/disconnect", {"reason": reason}, timeout=5)
            except UserError:
                _logger.warning("Tenet did not take the disconnection; it finds out when its next request is refused")
        self.sudo().search([]).unlink()
        return answer

    def _signed(self, method, path, body=None, timeout=_TIMEOUT):
        return self._call(method, self.api_url + path, body, pem=self.private_key, kid=self.kid, tenant=self.tenant, timeout=timeout)

    @api.model
    def _call(self, method, url, body=None, pem=None, kid=None, tenant=None, timeout=_TIMEOUT):
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")):
            raise UserError(_("The server's address must begin with https://"))
        data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        headers = {"Accept": "application/json"}
        if data:
            headers["Content-Type"] = "application/json"
        if pem:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            if tenant != "-":
                headers["Tenet-Tenant"] = tenant
            headers[signatures.HEADER] = signatures.header(pem, kid, tenant, method, path, data, int(time.time()))
        try:
            with requests.request(method, url, data=data, headers=headers, timeout=timeout, allow_redirects=False, stream=True) as response:
                text = response.raw.read(_ANSWER_BYTES + 1, decode_content=True)
                status = response.status_code
        except requests.exceptions.SSLError as error:
            raise UserError(_("The server's certificate is not valid.")) from error
        except requests.exceptions.RequestException as error:
            raise UserError(_("The server did not answer. Check its address, and whether Odoo may reach the internet.")) from error
        return self._answer(status, text)

    @api.model
    def _answer(self, status, text):
        try:
            answer = parse_json(text) if len(text) <= _ANSWER_BYTES else None
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise UserError(_("The server's answer is not Tenet's. Check the server's address."))
        if status < 300:
            return answer
        refusals = {
            "code_invalid": _("The code is wrong, used, or older than 15 minutes. Make a new one in Tenet's console."),
            "url_invalid": _("Tenet cannot use the address of this Odoo. The parameter web.base.url must be its public https address."),
            "terms_outdated": _("The terms have changed. Read and accept them again."),
            "connected": _("This workspace is connected with another Odoo. Disconnect it first."),
            "rate_limited": _("Too many attempts. Wait a few minutes."),
        }
        raise UserError(refusals.get(answer.get("code"), _("Tenet refused the request.")))

    def _issue_token(self, user, companies, sid=None):
        """A token of the signed-in user, good for one request."""
        self.ensure_one()
        group = next((name for name in ("manager", "writer", "user") if user.has_group(f"tenet_copilot.group_{name}")), None)
        if not group or user.share:
            raise UserError(_("You may not use the copilot."))
        return tokens.issue(
            self.private_key,
            self.kid,
            self.tenant,
            self.audience,
            self.database,
            user.id,
            group,
            int(time.time()),
            sid=sid,
            companies=companies.ids,
        )
