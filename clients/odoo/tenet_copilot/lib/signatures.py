"""Signed requests between two servers: the header Tenet-Signature."""

import hashlib
import re
import secrets

from . import keys
from .encoding import b64url, unb64url

HEADER = "Tenet-Signature"
CLOCK_SKEW = 300
NONCE_LIFETIME = 600
_HEADER = re.compile(
    r"v1;kid=(?P<kid>[A-Za-z0-9_.-]{1,64});t=(?P<t>[0-9]{1,12});n=(?P<n>[A-Za-z0-9_-]{22,43});s=(?P<s>[A-Za-z0-9_-]{86})"
)


class SignatureRefused(Exception):
    """The request is not Tenet's, or not of now."""


def signed_text(tenant, method, path, time, nonce, body=b"", bearer=None):
    return "\n".join(
        (
            "tenet-request-v1",
            tenant,
            method,
            path,
            str(time),
            nonce,
            hashlib.sha256(body).hexdigest(),
            hashlib.sha256(bearer.encode("ascii")).hexdigest() if bearer else "-",
        )
    ).encode()


def header(pem, kid, tenant, method, path, body, now, bearer=None):
    nonce = b64url(secrets.token_bytes(24))
    signature = keys.sign(pem, signed_text(tenant, method, path, now, nonce, body, bearer))
    return f"v1;kid={kid};t={now};n={nonce};s={b64url(signature)}"


def verify(value, jwk, kid, tenant, method, path, body, now, bearer=None):
    """The nonce, which the caller must remember for NONCE_LIFETIME and refuse a second time."""
    match = _HEADER.fullmatch(value or "")
    if not match or match["kid"] != kid:
        raise SignatureRefused("header")
    if abs(int(match["t"]) - now) > CLOCK_SKEW:
        raise SignatureRefused("time")
    try:
        nonce, raw = unb64url(match["n"]), unb64url(match["s"])
        text = signed_text(tenant, method, path, match["t"], match["n"], body, bearer)
    except ValueError as error:
        raise SignatureRefused("header") from error
    if not 16 <= len(nonce) <= 32 or not keys.verify(jwk, text, raw):
        raise SignatureRefused("signature")
    return match["n"]
