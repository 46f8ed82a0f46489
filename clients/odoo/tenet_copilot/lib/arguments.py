"""Arguments of a tool, checked by the same declaration that tools/list shows (the part of JSON Schema used there)."""

from .refusal import Refusal

_KINDS = {
    "string": lambda value: isinstance(value, str) and "\x00" not in value,
    "integer": lambda value: type(value) is int and abs(value) < 2**31,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def check(schema, arguments):
    properties = schema["properties"]
    for name in schema.get("required", ()):
        if name not in arguments:
            raise Refusal("invalid", f"The argument {name} is missing.")
    for name, value in arguments.items():
        if name not in properties:
            raise Refusal("invalid", "An argument is not known to this tool.")
        _check(name, properties[name], value)
    return arguments


def _check(name, rule, value):
    kind = rule.get("type")
    if kind and not _KINDS[kind](value):
        raise Refusal("invalid", f"The argument {name} must be of type {kind}.")
    if "enum" in rule and value not in rule["enum"]:
        raise Refusal("invalid", f"The argument {name} must be one of: {', '.join(rule['enum'])}.")
    if kind == "string" and len(value) > rule.get("maxLength", 200):
        raise Refusal("limit", f"The argument {name} is too long.")
    if kind == "integer" and not rule.get("minimum", 0) <= value <= rule.get("maximum", 2**31):
        raise Refusal("limit", f"The argument {name} is out of its range.")
    if kind == "array":
        if len(value) > rule.get("maxItems", 200):
            raise Refusal("limit", f"The argument {name} has at most {rule.get('maxItems', 200)} members.")
        if len(value) < rule.get("minItems", 0):
            raise Refusal("invalid", f"The argument {name} must not be empty.")
        for item in value if "items" in rule else ():
            _check(name, rule["items"], item)
