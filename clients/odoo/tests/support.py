"""Lets the tests import the addon's pure part as `lib`, without its package that needs an Odoo."""

import pathlib
import sys

ADDON = pathlib.Path(__file__).resolve().parent.parent / "tenet_copilot"
sys.path.insert(0, str(ADDON))
