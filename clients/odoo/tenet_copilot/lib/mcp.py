"""Model Context Protocol over streamable HTTP, revisions 2026-07-28 (stateless) and 2025-11-25: one JSON-RPC message in, one JSON answer out."""

import json

from . import limits
from .encoding import parse_json

STATELESS, INITIALIZED = "2026-07-28", "2025-11-25"
SUPPORTED = (STATELESS, INITIALIZED)
WITHOUT_USER = frozenset(("server/discover", "initialize", "notifications/initialized", "ping", "tools/list"))

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL = -32700, -32600, -32601, -32602, -32603
UNAUTHORIZED, HEADER_MISMATCH, UNSUPPORTED_VERSION = -32001, -32020, -32022
_META = "io.modelcontextprotocol/"
_LIST_TTL = 5 * 60 * 1000


class McpError(Exception):
    def __init__(self, status, code, message, request_id=None, data=None):
        super().__init__(message)
        self.status, self.code, self.request_id, self.data = status, code, request_id, data

    def answer(self):
        error = {"code": self.code, "message": str(self)}
        if self.data is not None:
            error["data"] = self.data
        return self.status, {"jsonrpc": "2.0", "id": self.request_id, "error": error}


def unauthorized():
    return McpError(401, UNAUTHORIZED, "unauthorized")


class Message:
    """A checked JSON-RPC message. `id` is None for a notification."""

    def __init__(self, body, headers):
        if len(body) > limits.BODY_BYTES:
            raise McpError(413, INVALID_REQUEST, "the request is too large")
        try:
            message = parse_json(body)
        except ValueError as error:
            raise McpError(400, PARSE_ERROR, "not JSON") from error
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str):
            raise McpError(400, INVALID_REQUEST, "not a JSON-RPC 2.0 request")
        self.id = message.get("id")
        if self.id is not None and (isinstance(self.id, bool) or not isinstance(self.id, (str, int))):
            raise McpError(400, INVALID_REQUEST, "the id must be a text or an integer")
        self.method, self.params = message["method"], message.get("params", {})
        if not isinstance(self.params, dict):
            raise McpError(400, INVALID_PARAMS, "params must be an object", self.id)
        self.revision = self._revision(headers)
        if self.revision == STATELESS:
            self._check_headers(headers)

    def _revision(self, headers):
        if self.method == "initialize":
            return INITIALIZED
        asked = headers.get("MCP-Protocol-Version")
        if asked not in SUPPORTED:
            raise McpError(400, UNSUPPORTED_VERSION, "unsupported protocol version", self.id, {"supported": list(SUPPORTED), "requested": asked})
        return asked

    def _check_headers(self, headers):
        meta = self.params.get("_meta")
        if not isinstance(meta, dict) or meta.get(_META + "protocolVersion") != STATELESS:
            raise McpError(400, HEADER_MISMATCH, "MCP-Protocol-Version differs from the body", self.id)
        if headers.get("Mcp-Method") != self.method:
            raise McpError(400, HEADER_MISMATCH, "Mcp-Method differs from the body", self.id)
        if self.method == "tools/call" and headers.get("Mcp-Name") != self.params.get("name"):
            raise McpError(400, HEADER_MISMATCH, "Mcp-Name differs from the body", self.id)

    def handle(self, version, tools, call):
        """(status, answer). `tools` are the declarations, `call(name, arguments)` gives (content, is error)."""
        method = self.method
        if method == "notifications/initialized" or (self.id is None and method.startswith("notifications/")):
            return 202, None
        server = {"name": "tenet_copilot", "version": version}
        if method == "server/discover" and self.revision == STATELESS:
            return self._result(supportedVersions=list(SUPPORTED), capabilities={"tools": {}}, serverInfo=server, **self._cache())
        if method == "initialize":
            return self._result(protocolVersion=INITIALIZED, capabilities={"tools": {}}, serverInfo=server)
        if method == "ping":
            return self._result()
        if method == "tools/list":
            return self._result(tools=tools, **self._cache())
        if method == "tools/call":
            return self._call(tools, call)
        raise McpError(404 if self.revision == STATELESS else 200, METHOD_NOT_FOUND, "unknown method", self.id)

    def _call(self, tools, call):
        name, arguments = self.params.get("name"), self.params.get("arguments", {})
        if not any(tool["name"] == name for tool in tools):
            raise McpError(400 if self.revision == STATELESS else 200, INVALID_PARAMS, "unknown tool", self.id)
        if not isinstance(arguments, dict):
            raise McpError(400 if self.revision == STATELESS else 200, INVALID_PARAMS, "arguments must be an object", self.id)
        content, is_error = call(name, arguments)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) > limits.ANSWER_BYTES // 2 - 1024:  # the answer holds the content twice
            content, is_error = {"error": "limit", "detail": "The answer is too large: ask for fewer rows or fields."}, True
            text = json.dumps(content)
        return self._result(content=[{"type": "text", "text": text}], structuredContent=content, isError=is_error)

    def _cache(self):
        return {"ttlMs": _LIST_TTL, "cacheScope": "private"} if self.revision == STATELESS else {}

    def _result(self, **members):
        if self.revision == STATELESS:
            members = {"resultType": "complete", **members}
        return 200, {"jsonrpc": "2.0", "id": self.id, "result": members}
