"""The token of the signed-in user: a JWT that this addon signs and checks again when it comes back."""

import json
import uuid

from . import keys
from .encoding import b64url, parse_json, unb64url

LIFETIME = 15 * 60
MAX_LENGTH = 2048
CLOCK_SKEW = 5 * 60


class TokenError(Exception):
    """The token is refused. The message is a word for the log, never the token."""


def issue(pem, kid, tenant, audience, database, uid, group, now, sid=None, companies=None):
    claims = {
        "iss": tenant,
        "sub": tenant,
        "aud": audience,
        "db": database,
        "uid": uid,
        "grp": group,
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "jti": str(uuid.uuid4()),
    }
    if sid:
        claims["sid"] = sid
    if companies:
        claims["cids"] = companies
    header = {"alg": "ES256", "typ": "JWT", "kid": kid}
    text = ".".join(b64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    token = text + "." + b64url(keys.sign(pem, text.encode("ascii")))
    if len(token) > MAX_LENGTH:
        raise TokenError("too_long")
    return token


def verify(token, jwk, kid, tenant, audience, database, now):
    """The claims. TokenError unless this very registration signed it, for this database, and it is in its time."""
    if not isinstance(token, str) or len(token) > MAX_LENGTH or token.count(".") != 2:
        raise TokenError("malformed")
    head, body, signature = token.split(".")
    try:
        header, claims = parse_json(unb64url(head)), parse_json(unb64url(body))
        raw = unb64url(signature)
    except ValueError as error:
        raise TokenError("malformed") from error
    if header != {"alg": "ES256", "typ": "JWT", "kid": kid}:
        raise TokenError("header")
    if not keys.verify(jwk, (head + "." + body).encode("ascii"), raw):
        raise TokenError("signature")
    if not isinstance(claims, dict):
        raise TokenError("malformed")
    for name, expected in (("iss", tenant), ("sub", tenant), ("aud", audience), ("db", database)):
        if claims.get(name) != expected:
            raise TokenError(name)
    times = [claims.get(name) for name in ("iat", "nbf", "exp")]
    if any(type(time) is not int for time in times):
        raise TokenError("times")
    issued, not_before, expires = times
    if expires <= now or expires - issued > LIFETIME:
        raise TokenError("expired")
    if issued > now + CLOCK_SKEW or not_before > now + CLOCK_SKEW:
        raise TokenError("not_yet")
    uid, companies = claims.get("uid"), claims.get("cids", [])
    if type(uid) is not int or uid <= 0 or not isinstance(claims.get("jti"), str):
        raise TokenError("uid")
    if not isinstance(companies, list) or any(type(company) is not int for company in companies):
        raise TokenError("companies")
    return claims
