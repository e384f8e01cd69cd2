"""The modules of the custom resources, imported from their folder as Lambda does."""

import sys

from local.stack import ROOT

sys.path.insert(0, str(ROOT / "functions" / "custom_resources"))

import athena_definitions

__all__ = ["athena_definitions"]
