"""base64url without padding, and JSON that is the same for the same value."""

import base64
import binascii
import json
import re

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64url(text, limit=4096):
    """Bytes of an unpadded base64url text. ValueError for any other text: padding, spaces, stray bits."""
    if not isinstance(text, str) or len(text) > limit or not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if b64url(data) != text:
        raise ValueError("not canonical base64url")
    return data


def _no_duplicates(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_constant(_name):
    raise ValueError("not a JSON number")


def parse_json(data):
    """The value of UTF-8 JSON. ValueError also for doubled members, NaN and infinity, and nesting beyond Python's stack."""
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
