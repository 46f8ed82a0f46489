"""Why a tool refuses. `detail` holds only what the addon wrote itself: never Odoo's text, SQL, or names of groups and users."""

from .limits import DETAIL_CHARS, cut

CODES = ("access", "not_found", "invalid", "conflict", "limit", "busy", "internal")


class Refusal(Exception):
    def __init__(self, code, detail, **more):
        assert code in CODES
        super().__init__(code)
        self.code = code
        self.detail = cut(detail, DETAIL_CHARS)
        self.more = more

    def content(self):
        return {"error": self.code, "detail": self.detail, **self.more}
