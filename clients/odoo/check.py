"""Checks the addon's files without an Odoo: syntax, XML, the manifest, translations, and that no key or token lies in them."""

import ast
import csv
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

ADDON = pathlib.Path(__file__).resolve().parent / "tenet_copilot"
# Gone or deprecated in one of the three versions; what differs belongs into compat.py.
GONE = (
    (r"\battrs\s*=|\bstates\s*=\s*[\"'{]", "attrs and states are gone from 17 on"),
    (r"<tree\b|<list\b", "tree is list from 18 on: leave the default view"),
    (r"type=[\"']json[\"']", "json routes are jsonrpc in 19"),
    (r"\b(formatted_)?read_group\(", "use _read_group: the same in all three"),
    (r"\bname_get\(|_sql_constraints|\bgroups_id\b.*\busers\b", "gone in 17, 18 or 19"),
    (r"check_access_rights|check_access_rule|group_operator", "differs: compat.py"),
    (r"@web/legacy|useService\(\"(user|rpc|company)\"\)|@web/core/network/rpc", "differs in the web client"),
)
SECRETS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[A-Za-z0-9_-]{20,}\.|tnt_[A-Za-z0-9_-]{32,}|(password|secret|api_key)\s*=\s*[\"'][^\"']{6,}")
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd]")


def problems():
    for path in sorted(ADDON.parent.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        if path.suffix in (".png", ".ico"):
            continue
        text = path.read_text("utf-8")
        name = path.relative_to(ADDON.parent)
        if SECRETS.search(text):
            yield f"{name}: looks like a key or a token"
        if path.suffix == ".py":
            yield from _python(name, text)
        if path.suffix == ".xml":
            yield from _xml(name, text)
        if path.suffix == ".po":
            yield from _translations(name, text)
        if path.suffix in (".py", ".xml", ".js") and ADDON in path.parents and path.name != "compat.py":
            yield from (f"{name}: {why}" for pattern, why in GONE if re.search(pattern, text))
        if path.suffix in (".py", ".js", ".xml") and len(text.splitlines()) > 400:
            yield f"{name}: more than 400 lines"
    yield from _manifest()
    yield from _access()


def _python(name, text):
    try:
        tree = ast.parse(text, str(name))
    except SyntaxError as error:
        yield f"{name}: {error}"
        return
    if "lib" in name.parts:
        for node in ast.walk(tree):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else [a.name for a in getattr(node, "names", []) if isinstance(node, ast.Import)]
            if any(module.split(".")[0] == "odoo" for module in modules):
                yield f"{name}: lib/ must not need an Odoo"


def _xml(name, text):
    try:
        xml.fromstring(text.encode())
    except xml.ParseError as error:
        yield f"{name}: {error}"


def _manifest():
    manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text("utf-8"))
    if manifest.get("license") != "LGPL-3" or not (ADDON / "LICENSE").is_file():
        yield "the licence must be LGPL-3"
    if manifest["version"].count(".") != 2:
        yield "the version must have three numbers: Odoo puts its own before them"
    for name in manifest["data"]:
        if not (ADDON / name).is_file():
            yield f"__manifest__.py: {name} is missing"
    listed = {path for path in manifest["data"]}
    for folder in ("security", "views"):
        for path in (ADDON / folder).iterdir():
            if f"{folder}/{path.name}" not in listed:
                yield f"{folder}/{path.name} is not in the manifest"


def _access():
    """Each model has a line of access rights, and the models of chats have a rule that binds everybody."""
    models = set()
    for path in (ADDON / "models").glob("*.py"):
        models |= set(re.findall(r'^    _name = "(tenet[^"]+)"', path.read_text("utf-8"), re.M))
    with open(ADDON / "security" / "ir.model.access.csv", encoding="utf-8") as file:
        lines = {row["model_id:id"] for row in csv.DictReader(file)}
    for model in models:
        if "model_" + model.replace(".", "_") not in lines:
            yield f"{model} has no access rights"
    rules = (ADDON / "security" / "rules.xml").read_text("utf-8")
    for model in ("session", "message"):
        if f'ref="model_tenet_copilot_{model}"' not in rules:
            yield f"tenet.copilot.{model} has no rule"
    if "groups" in re.sub(r"<!--.*?-->", "", rules, flags=re.S):
        yield "a rule of chats must bind everybody: without groups"


def _translations(name, text):
    """Whole entries, and the same placeholders in both languages."""
    for source, target in re.findall(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)', text, re.M):
        source, target = ("".join(re.findall(r'"(.*)"', part)) for part in (source, target))
        if source and target and sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(target)):
            yield f"{name}: placeholders differ in {source[:60]!r}"
        if source and not target and name.suffix == ".po":
            yield f"{name}: not translated: {source[:60]!r}"


if __name__ == "__main__":
    found = list(problems())
    print("\n".join(found) or f"{ADDON.name}: nothing found")
    sys.exit(1 if found else 0)
