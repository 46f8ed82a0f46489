"""What never leaves Odoo, whatever the user may see: models of the machinery, secret fields, binary data."""

import re

NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)
MODEL = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z0-9_]+)*", re.ASCII)

# Readable although their prefix is not.
_MODELS_ALLOWED = {"mail.activity", "payment.transaction"}
_MODELS_NEVER = re.compile(
    r"(ir|base|base_import|bus|auth|auth_totp|auth_oauth|auth_passkey|iap|fetchmail|mail|discuss|sms|snailmail|payment|tenet|web_editor|"
    r"web_tour|onboarding|publisher_warranty|google|microsoft|privacy|spreadsheet|certificate|report|theme|website)(\..+)?"
    r"|res\.(users\..+|groups(\..+)?|config(\..+)?|device(\..+)?)"
    r"|.*\.(wizard|import|token|apikeys?|log)"
)
# A write to one of these changes who may do what, or what money is worth.
_MODELS_READ_ONLY = {"res.users", "res.company", "res.currency", "res.currency.rate", "res.lang", "res.country", "res.country.state", "uom.uom"}

FIELD_TYPES = frozenset(
    "char text html integer float monetary boolean date datetime selection many2one one2many many2many".split()
)
WRITE_TYPES = frozenset("char text html integer float monetary boolean date datetime selection many2one".split())
NUMBER_TYPES = frozenset("integer float monetary".split())

_SECRET_WORDS = {
    "password", "passwd", "passphrase", "pwd", "secret", "token", "tokens", "totp", "otp", "pin", "cvv", "cvc", "salt",
    "credential", "credentials", "apikey", "apikeys", "privatekey", "ssnid", "signup", "oauth", "webauthn", "passkey", "hash",
}  # fmt: skip
_SECRET_PARTS = re.compile(r"api_?keys?|private_?key|access_?key|secret_?key|encryption_?key|auth_?key|license_?key|access_?token|passw(or)?d")
_FIELDS_NEVER = {"access_url", "access_warning", "message_main_attachment_id", "activity_exception_icon", "signature"}
# Fields that Odoo itself shows to administrators and personnel officers only stay in Odoo also when one of them asks.
_GROUPS_NEVER = {"base.group_system", "base.group_erp_manager", "base.group_no_one", "hr.group_hr_user", "hr.group_hr_manager", "."}


def model_allowed(model):
    return bool(MODEL.fullmatch(model)) and (model in _MODELS_ALLOWED or not _MODELS_NEVER.fullmatch(model))


def model_writable(model):
    return model_allowed(model) and model not in _MODELS_READ_ONLY and model not in _MODELS_ALLOWED


def secret_name(field):
    name = field.lower()
    return name in _FIELDS_NEVER or bool(_SECRET_PARTS.search(name)) or not _SECRET_WORDS.isdisjoint(name.split("_"))


def field_allowed(name, kind, relation=None, groups=None):
    """`groups` is the text of the field's groups= attribute, as Odoo keeps it."""
    if not NAME.fullmatch(name) or kind not in FIELD_TYPES or secret_name(name):
        return False
    if relation and not model_allowed(relation):
        return False
    return _GROUPS_NEVER.isdisjoint(group.strip().lstrip("!") for group in (groups or "").split(","))
