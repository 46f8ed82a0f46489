"""The MCP endpoint. Tenet's signature opens it; the user's token says with whose rights a tool runs."""

import json
import logging
import time
from urllib.parse import urlsplit

from odoo import http
from odoo.http import request

from .. import tools
from ..lib import catalog, limits, mcp, signatures, tokens

_logger = logging.getLogger(__name__)

_PATH = "/tenet_copilot/mcp"
# Set once the signature was accepted: when Odoo runs a request again after a conflict, its nonce is known already.
_ACCEPTED = "tenet_copilot.accepted"


class Endpoint(http.Controller):
    @http.route(_PATH, type="http", auth="public", methods=["POST"], csrf=False, save_session=False, readonly=False)
    def call(self):
        try:
            return _response(*_handle())
        except mcp.McpError as error:
            return _response(*error.answer())


def _handle():
    incoming = request.httprequest
    if (incoming.content_length or 0) > limits.BODY_BYTES:
        raise mcp.McpError(413, mcp.INVALID_REQUEST, "the request is too large")
    body = incoming.get_data(cache=True)
    connection = request.env["tenet.copilot.connection"].sudo()._current()
    if not connection or incoming.query_string:
        raise mcp.unauthorized()
    bearer = _bearer(incoming)
    _check_signature(connection, incoming, body, bearer)
    message = mcp.Message(body, incoming.headers)
    if message.method not in mcp.WITHOUT_USER:
        _become(connection, bearer)
    version = connection._addon_version()
    return message.handle(version, list(catalog.TOOLS), lambda name, arguments: tools.run(request.env, name, arguments))


def _bearer(incoming):
    kind, _, token = incoming.headers.get("Authorization", "").partition(" ")
    return token if kind.lower() == "bearer" and token.isascii() else None


def _check_signature(connection, incoming, body, bearer):
    path = urlsplit(connection.url).path.rstrip("/") + _PATH
    try:
        nonce = signatures.verify(
            incoming.headers.get(signatures.HEADER),
            connection.tenet_key,
            connection.tenet_kid,
            connection.tenant,
            "POST",
            path,
            body,
            int(time.time()),
            bearer,
        )
    except signatures.SignatureRefused as error:
        _logger.info("A request was refused: signature (%s)", error)
        raise mcp.unauthorized() from error
    if incoming.environ.get(_ACCEPTED) != nonce and not request.env["tenet.copilot.nonce"].sudo()._take(nonce):
        _logger.info("A request was refused: replayed")
        raise mcp.unauthorized()
    incoming.environ[_ACCEPTED] = nonce


def _become(connection, bearer):
    """The request goes on as the token's user: own rights, language, time zone, and the companies chosen in the panel."""
    try:
        claims = tokens.verify(
            bearer, connection.public_key, connection.kid, connection.tenant, connection.audience, connection.database, int(time.time())
        )
    except tokens.TokenError as error:
        _logger.info("A request was refused: token (%s)", error)
        raise mcp.unauthorized() from error
    user = request.env["res.users"].sudo().browse(claims["uid"]).exists()
    if not user or not user.active or user.share or not user.has_group("tenet_copilot.group_user"):
        raise mcp.unauthorized()
    companies = [company for company in claims.get("cids", []) if company in user.company_ids.ids] or user.company_id.ids
    context = {"lang": user.lang, "tz": user.tz or "UTC", "uid": user.id, "allowed_company_ids": companies}
    request.update_env(user=user.id, context=context, su=False)


def _response(status, answer):
    if answer is None:
        return request.make_response("", status=status)
    data = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    return request.make_response(data, headers=headers, status=status)
