"""Makes a sheet of QR codes, one for each table: `python -m tools.qr URL --tables 1-20`.

Each code holds the address of the menu page with `table` and `channel=qr`, which the tracker reads. The sheet
is an HTML page that a browser prints, also into a PDF.
"""

import argparse
import re
import sys
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlencode, urlsplit

import segno

from local.messages import UserError, run_command

OUTPUT = Path("build") / "qr.html"
MAX_TABLES = 500
MAX_TABLE_NUMBER = 32  # characters that the transform keeps of one
PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>QR codes of $host</title>
<style>
body { margin: 0; font: 12pt sans-serif; }
main { display: grid; grid-template-columns: repeat(3, 1fr); }
figure { margin: 0; padding: 8mm; border: 0.2mm dashed #999; text-align: center; break-inside: avoid; }
svg { width: 100%; height: auto; }
strong { display: block; font-size: 20pt; }
small { overflow-wrap: anywhere; font-size: 7pt; }
</style>
<main>
$figures
</main>
</html>
""")


def tables_of(text: str) -> list[str]:
    """Return the tables of a list such as `1-20,A1,Terrace 2`; raise UserError for what is no such list."""
    tables: list[str] = []
    for part in filter(None, map(str.strip, text.split(","))):
        bounds = re.fullmatch(r"(\d{1,6})\s*-\s*(\d{1,6})", part)
        if bounds is None:
            tables.append(part)
            continue
        first, last = int(bounds[1]), int(bounds[2])
        if not first <= last < first + MAX_TABLES:
            raise UserError(f"TABLES={part}: give the lower number first, and {MAX_TABLES} tables at most")
        tables += map(str, range(first, last + 1))
    if too_long := [table for table in tables if len(table) > MAX_TABLE_NUMBER]:
        raise UserError(f"{too_long[0]!r} is longer than the {MAX_TABLE_NUMBER} characters of a table")
    if len(tables) > MAX_TABLES:
        raise UserError(f"{len(tables)} tables are more than {MAX_TABLES}: make two sheets")
    return list(dict.fromkeys(tables))


def address_of(url: str, table: str | None) -> str:
    """Return the address for a table, or for a code without one; what else the query says is kept.

    Raises UserError for what is no address of a page on the web.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"URL={url}: give the menu page's address, such as https://trattoria.it/menu")
    query = [
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in ("table", "channel")
    ]
    query += [("table", table)] if table else []
    return parts._replace(query=urlencode([*query, ("channel", "qr")])).geturl()


def sheet(url: str, tables: list[str]) -> str:
    """Return the page with a code for each table, or with one code if there are none."""
    shown: list[str | None] = [*tables] or [None]
    figures = [_figure(address_of(url, table), table) for table in shown]
    return PAGE.substitute(host=escape(urlsplit(url).hostname or ""), figures="\n".join(figures))


def _figure(address: str, table: str | None) -> str:
    # A quarter of it may be dirty or torn; a fold or a stain is what happens to a code on a table.
    code = segno.make(address, error="q", micro=False)
    svg = code.svg_inline(omitsize=True, svgclass=None, lineclass=None)
    name = f"<strong>{escape(table)}</strong>" if table else ""
    return f"<figure>{svg}<figcaption>{name}<small>{escape(address)}</small></figcaption></figure>"


def main(arguments: list[str] | None = None) -> int:
    """Write the sheet of the arguments, say where it is, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m tools.qr", description=__doc__)
    parser.add_argument("url", help="address of the menu page")
    parser.add_argument("--tables", default="", help="such as 1-20,A1; none: one code without a table")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    tables = tables_of(options.tables)
    page = sheet(options.url, tables)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(page, encoding="utf-8")
    example = address_of(options.url, tables[0] if tables else None)
    print(f"{options.output}: {len(tables) or 1} codes such as {example}")
    return 0


if __name__ == "__main__":
    sys.exit(run_command("qr", main))
