"""Makes `dist/menulens.min.js` from `menulens.js`, and prints its size.

The minified copy is kept in the repository: sites copy it, and `sam build` packages it as it is. A test
compares it with its source.
"""

import gzip
import sys
from pathlib import Path

import minify

FOLDER = Path(__file__).parent
SOURCE = FOLDER / "menulens.js"
MINIFIED = FOLDER / "dist" / "menulens.min.js"
BUDGET = 1500  # bytes, minified and compressed as the API compresses it


def minified() -> str:
    """Return the script as it is served, in ASCII."""
    return str(minify.string("application/javascript", SOURCE.read_text()))


def compressed_size(script: str) -> int:
    """Return how many bytes of `script` go over the line."""
    return len(gzip.compress(script.encode("ascii"), 9, mtime=0))


def main() -> int:
    """Write the minified script; return 1 if it is over the budget."""
    script = minified()
    MINIFIED.parent.mkdir(exist_ok=True)
    MINIFIED.write_text(script)
    size = compressed_size(script)
    print(f"{MINIFIED.name}: {len(script)} bytes, {size} compressed with gzip, of {BUDGET} that it may have")
    return int(size > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
