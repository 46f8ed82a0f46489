import json
import unittest

from . import support  # noqa: F401
from lib import keys, tokens
from lib.encoding import b64url, unb64url

NOW = 1_800_000_000
PEM, OTHER = keys.new_private_key(), keys.new_private_key()
JWK = keys.public_jwk(PEM)
WHO = ("t-1", "https://tenet.example.com", "acme")


def issue(**change):
    return tokens.issue(change.pop("pem", PEM), "k1", *WHO, change.pop("uid", 7), "user", change.pop("now", NOW), **change)


def verify(token, now=NOW, jwk=JWK, kid="k1", tenant=WHO[0], audience=WHO[1], database=WHO[2]):
    return tokens.verify(token, jwk, kid, tenant, audience, database, now)


def forged(header=None, claims=None, pem=PEM):
    head = {"alg": "ES256", "typ": "JWT", "kid": "k1"} | (header or {})
    body = json.loads(unb64url(issue().split(".")[1])) | (claims or {})
    text = ".".join(b64url(json.dumps(part).encode()) for part in (head, body))
    return text + "." + b64url(keys.sign(pem, text.encode()))


class Tokens(unittest.TestCase):
    def refused(self, word, token, **how):
        with self.assertRaises(tokens.TokenError) as caught:
            verify(token, **how)
        self.assertEqual(str(caught.exception), word)

    def test_token_holds_the_uid_and_no_name(self):
        claims = verify(issue(sid="s", companies=[1, 3]))
        self.assertEqual(
            set(claims), {"iss", "sub", "aud", "db", "uid", "grp", "iat", "nbf", "exp", "jti", "sid", "cids"}
        )
        self.assertEqual((claims["uid"], claims["exp"] - claims["iat"], claims["cids"]), (7, 900, [1, 3]))

    def test_each_token_has_its_own_id(self):
        self.assertNotEqual(verify(issue())["jti"], verify(issue())["jti"])

    def test_expired_token_is_refused(self):
        verify(issue(), now=NOW + 899)
        self.refused("expired", issue(), now=NOW + 900)

    def test_token_that_lives_too_long_is_refused(self):
        self.refused("expired", forged(claims={"exp": NOW + 901}))

    def test_clock_may_be_five_minutes_ahead(self):
        verify(issue(), now=NOW - 300)
        self.refused("not_yet", issue(), now=NOW - 301)

    def test_no_algorithm_is_refused(self):
        for algorithm in ("none", "None", "HS256", "RS256", "ES384", ""):
            self.refused("header", forged({"alg": algorithm}))

    def test_further_header_members_are_refused(self):
        self.refused("header", forged({"jwk": JWK}))
        self.refused("header", forged({"crit": ["exp"]}))

    def test_signature_of_another_key_is_refused(self):
        self.refused("signature", forged(pem=OTHER))

    def test_token_signed_by_its_public_key_as_a_secret_is_refused(self):
        self.refused("header", forged({"alg": "HS256"}))

    def test_empty_and_cut_signatures_are_refused(self):
        head, body, signature = issue().split(".")
        self.refused("signature", f"{head}.{body}.")
        self.refused("signature", f"{head}.{body}.{signature[:44]}")

    def test_der_signature_is_refused(self):
        head, body, _ = issue().split(".")
        self.refused("signature", f"{head}.{body}." + b64url(b"\x30\x44" + b"\x02\x20" + b"\x01" * 32 + b"\x02\x20" + b"\x01" * 32))

    def test_other_tenant_audience_or_database_is_refused(self):
        self.refused("iss", issue(), tenant="t-2")
        self.refused("aud", issue(), audience="https://other.example.com")
        self.refused("db", issue(), database="copy")

    def test_audience_as_a_list_is_refused(self):
        self.refused("aud", forged(claims={"aud": [WHO[1]]}))

    def test_uid_must_be_a_positive_integer(self):
        for uid in (0, -1, True, "7", 7.0, None):
            self.refused("uid", forged(claims={"uid": uid}))

    def test_times_must_be_integers(self):
        self.refused("times", forged(claims={"exp": float(NOW + 10)}))
        self.refused("times", forged(claims={"exp": None}))

    def test_doubled_members_are_refused(self):
        head = b64url(b'{"alg":"none","alg":"ES256","typ":"JWT","kid":"k1"}')
        self.refused("malformed", ".".join((head, *issue().split(".")[1:])))

    def test_padding_and_stray_bits_are_refused(self):
        head, body, signature = issue().split(".")
        self.refused("malformed", f"{head}=.{body}.{signature}")
        self.refused("malformed", f"{head}.{body}.{signature}\n")

    def test_other_texts_are_refused(self):
        for text in ("", "a.b", "a.b.c.d", "..", None, "x" * 3000):
            self.refused("malformed", text)

    def test_any_changed_character_is_refused(self):
        token = issue()
        for at in range(0, len(token), 7):
            changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
            with self.assertRaises(tokens.TokenError):
                verify(changed)
