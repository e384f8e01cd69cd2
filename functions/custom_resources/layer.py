"""Where a layer lies: Lambda puts the folder python/ of each on sys.path."""

import sys
from pathlib import Path


def folder_with(*names: str) -> Path:
    """Return the layer's folder that holds all of `names`; FileNotFoundError without such a layer."""
    for entry in map(Path, sys.path):
        if all((entry / name).exists() for name in names):
            return entry
    raise FileNotFoundError(f"no layer with {' and '.join(names)} is attached to the function")
