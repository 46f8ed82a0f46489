"""P-256 keys and the 64-byte signatures of JWS ES256 (RFC 7518, 3.4)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from .encoding import b64url, unb64url

_ALGORITHM = ec.ECDSA(hashes.SHA256())


def new_private_key():
    """A new private key, PEM (PKCS #8, not encrypted)."""
    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode("ascii")
    )


def _load(pem):
    return serialization.load_pem_private_key(pem.encode("ascii"), password=None)


def public_jwk(pem):
    numbers = _load(pem).public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": b64url(numbers.x.to_bytes(32, "big")), "y": b64url(numbers.y.to_bytes(32, "big"))}


def check_jwk(jwk):
    """The members of a public P-256 key. ValueError when it is of another kind or no point of the curve."""
    _public_key(jwk)
    return {name: jwk[name] for name in ("kty", "crv", "x", "y")}


def _public_key(jwk):
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:
        raise ValueError("not a public P-256 key")
    x, y = unb64url(jwk.get("x")), unb64url(jwk.get("y"))
    if len(x) != 32 or len(y) != 32:
        raise ValueError("not a public P-256 key")
    return ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()).public_key()


def sign(pem, data):
    r, s = utils.decode_dss_signature(_load(pem).sign(data, _ALGORITHM))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(jwk, data, signature):
    if len(signature) != 64:
        return False
    der = utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        _public_key(jwk).verify(der, data, _ALGORITHM)
        return True
    except (InvalidSignature, ValueError):
        return False
