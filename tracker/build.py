"""Makes `dist/menulens.min.js` from `menulens.js`, and prints its size.

The minified copy is kept in the repository: sites copy it, and `sam build` packages it as it is. A test
compares it with its source. Its version, which each event bears, is the beginning of the source's SHA-256:
nobody can forget to raise it.
"""

import gzip
import sys
from hashlib import sha256
from pathlib import Path

import minify

FOLDER = Path(__file__).parent
SOURCE = FOLDER / "menulens.js"
MINIFIED = FOLDER / "dist" / "menulens.min.js"
UNBUILT = 'tracker: "source"'  # how the source names its version
BUDGET = 2640  # bytes, minified and compressed as the API compresses it


def version() -> str:
    """Return the version that the script sends with each event: 8 hexadecimal digits."""
    return sha256(SOURCE.read_bytes()).hexdigest()[:8]


def minified() -> str:
    """Return the script as it is served, in ASCII; raise ValueError if its version has no place."""
    source = SOURCE.read_text()
    if source.count(UNBUILT) != 1:
        raise ValueError(f"{SOURCE.name} has no single `{UNBUILT}`")
    return str(minify.string("application/javascript", source.replace(UNBUILT, f'tracker: "{version()}"')))


def compressed_size(script: str) -> int:
    """Return how many bytes of `script` go over the line."""
    return len(gzip.compress(script.encode("ascii"), 9, mtime=0))


def main() -> int:
    """Write the minified script; return 1 if it is over the budget."""
    script = minified()
    MINIFIED.parent.mkdir(exist_ok=True)
    MINIFIED.write_text(script)
    size = compressed_size(script)
    sizes = f"{len(script)} bytes, {size} compressed with gzip, of {BUDGET} that it may have"
    print(f"{MINIFIED.name} {version()}: {sizes}")
    return int(size > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
