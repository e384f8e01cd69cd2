"""Reads the data sets' views through Athena, each once, and writes what the owner's dashboard shows."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

from packing import pack, select, select_day
from shell import DataSet, Shell

logger = logging.getLogger(__name__)

PAGE_KEY = "dashboard.html"
TODAY_KEY = "today.json"
# Lambda answers with at most 6 MB of JSON, the page's quotes escaped; the rest is for the headers.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST_ANSWER = 6_000_000

type Rows = list[dict[str, Any]]
type Ask = Callable[[str], Rows]  # runs a SELECT; raises when it fails


class ReportError(Exception):
    """Something could not be read or does not fit; the message names it, the log says why."""


class Report:
    """What is read at `now`, a time in the stack's time zone, for the page in `shell`."""

    def __init__(self, shell: Shell, ask: Ask, now: datetime) -> None:
        self._shell = shell
        self._ask = ask
        self._now = now.replace(microsecond=0)

    def today(self) -> bytes:
        """Return the figures of the running day as JSON, by currency; raise what `ask` raises."""
        rows = self._ask(select_day(self._now.date().isoformat()))
        figures = [row | {"revenue": float(row["revenue"])} for row in rows]
        return json.dumps({"as_of": self._now.isoformat(), "rows": figures}).encode()

    def page(self) -> tuple[str, list[str]]:
        """Return the page and the names of the data sets that could not be read, whose tiles say so.

        Of more days than the page has room for, it shows the last. Raises ReportError if no data set can be
        read, or if the page does not fit without any day.
        """
        data_sets = self._shell.data_sets
        with ThreadPoolExecutor(max_workers=len(data_sets)) as threads:
            tables = dict(zip(data_sets, threads.map(self._read, data_sets.values()), strict=True))
        failed = [name for name, rows in tables.items() if rows is None]
        if len(failed) == len(data_sets):
            raise ReportError("no data set could be read; the page of before stays")
        return self._fitted({name: rows or [] for name, rows in tables.items()}, failed), failed

    def _read(self, data_set: DataSet) -> Rows | None:
        try:
            return self._ask(select(data_set.view, list(data_set.types)))
        except Exception:  # whatever it is, the other data sets are no worse for it
            logger.exception("%s could not be read", data_set.view)
            return None

    def _fitted(self, tables: dict[str, Rows], failed: list[str]) -> str:
        days = sorted({row["day"] for rows in tables.values() for row in rows if "day" in row})
        empty = _size(self._fill({name: [] for name in tables}, failed, None))
        first: date | None = None
        while True:
            page = self._fill(tables, failed, first)
            size = _size(page)
            if size <= LARGEST_ANSWER:
                return page
            if not days:
                raise ReportError(f"the page has {size} bytes without any day, of {LARGEST_ANSWER}")
            share = 0.9 * (LARGEST_ANSWER - empty) / (size - empty)
            kept = int(len(days) * share)
            first = days[-kept] if kept > 0 else None
            days = days[-kept:] if kept > 0 else []
            shown = set(days)
            tables = {
                name: [row for row in rows if "day" not in row or row["day"] in shown]
                for name, rows in tables.items()
            }
            logger.warning("the page has %d bytes: it shows the last %d days only", size, len(days))

    def _fill(self, tables: dict[str, Rows], failed: list[str], first: date | None) -> str:
        data_sets = self._shell.data_sets
        return self._shell.page(
            {
                "now": self._now.replace(tzinfo=None).isoformat(),
                "time_zone": str(self._now.tzinfo),
                "live": False,
                "from": first and first.isoformat(),
                "failed": failed,
                "tables": {name: pack(data_sets[name].types, rows) for name, rows in tables.items()},
            }
        )


def _size(page: str) -> int:
    """Return the bytes of the page as the body in a function's answer."""
    return len(json.dumps(page))
