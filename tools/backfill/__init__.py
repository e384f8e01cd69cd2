"""Imports a history of events or orders; `__main__.py` is the command."""

import sys
from pathlib import Path

# The functions' own code: each folder is the root of its imports.
sys.path += [str(Path(__file__).parents[2] / "functions" / name) for name in ("replay", "transform")]
