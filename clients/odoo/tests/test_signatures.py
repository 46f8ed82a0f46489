import unittest

from . import support  # noqa: F401
from lib import keys, signatures

NOW = 1_800_000_000
PEM, OTHER = keys.new_private_key(), keys.new_private_key()
JWK = keys.public_jwk(PEM)
PATH = "/tenet_copilot/mcp"


def signed(pem=PEM, kid="tk", tenant="t-1", method="POST", path=PATH, body=b"{}", now=NOW, bearer="a.b.c"):
    return signatures.header(pem, kid, tenant, method, path, body, now, bearer)


def verify(value, jwk=JWK, kid="tk", tenant="t-1", method="POST", path=PATH, body=b"{}", now=NOW, bearer="a.b.c"):
    return signatures.verify(value, jwk, kid, tenant, method, path, body, now, bearer)


class Signatures(unittest.TestCase):
    def refused(self, word, *arguments, **how):
        with self.assertRaises(signatures.SignatureRefused) as caught:
            verify(*arguments, **how)
        self.assertEqual(str(caught.exception), word)

    def test_signed_text_is_the_documented_one(self):
        text = signatures.signed_text("t-1", "POST", PATH, 5, "n", b"", None).decode().split("\n")
        self.assertEqual(text[:6], ["tenet-request-v1", "t-1", "POST", PATH, "5", "n"])
        self.assertEqual(text[6], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        self.assertEqual(text[7], "-")

    def test_accepted_request_gives_its_nonce(self):
        value = signed()
        self.assertIn(f";n={verify(value)};", value)

    def test_each_part_is_bound(self):
        for change in (
            {"tenant": "t-2"}, {"method": "PUT"}, {"path": PATH + "?x=1"}, {"body": b"{ }"}, {"bearer": "a.b.d"}, {"bearer": None},
        ):  # fmt: skip
            self.refused("signature", signed(), **change)

    def test_other_key_is_refused(self):
        self.refused("signature", signed(pem=OTHER))
        self.refused("header", signed(kid="other"))

    def test_clock_may_differ_by_five_minutes(self):
        verify(signed(), now=NOW + 300)
        verify(signed(), now=NOW - 300)
        self.refused("time", signed(), now=NOW + 301)
        self.refused("time", signed(), now=NOW - 301)

    def test_other_headers_are_refused(self):
        value = signed()
        for text in (None, "", "v1", value + ";", value.replace("v1", "v2"), value + " ", " " + value, value.replace("t=", "t=-"), value + "\n"):
            self.refused("header", text)

    def test_short_nonce_is_refused(self):
        value = signed()
        nonce = value.split(";n=")[1].split(";")[0]
        self.refused("header", value.replace(nonce, nonce[:10]))


class Keys(unittest.TestCase):
    def test_point_off_the_curve_is_refused(self):
        with self.assertRaises(ValueError):
            keys.check_jwk(JWK | {"x": JWK["y"]})

    def test_other_kinds_are_refused(self):
        for change in ({"kty": "RSA"}, {"crv": "P-384"}, {"d": "AAAA"}, {"x": None}, {"x": "AA"}):
            with self.assertRaises(ValueError):
                keys.check_jwk(JWK | change)

    def test_further_members_are_dropped(self):
        self.assertEqual(set(keys.check_jwk(JWK | {"use": "sig"})), {"kty", "crv", "x", "y"})
