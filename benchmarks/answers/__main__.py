"""`python -m benchmarks.answers`: what the answers read and how long they take, into build/bench.json."""

import statistics
import time
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import results
from benchmarks.answers.compacted import by_month
from benchmarks.answers.database import ATHENA, Database, prefixes, run
from benchmarks.answers.generate import Stored, stored
from benchmarks.answers.owners_page import DOLLARS_A_BYTE, LEAST_BYTES, Counts, owners_page
from benchmarks.answers.plan import Metadata, Read, scans
from benchmarks.answers.traffic import BUFFER_SECONDS, BUSY, LAST_DAY
from benchmarks.answers.year import DOLLARS_A_GET, DOLLARS_A_LISTING, year

ROUNDS = 3
SECONDS = 3.0  # that a view may take
WEEK_AGO = LAST_DAY - timedelta(days=6)
# What the dashboard's data sets are filled from.
DASHBOARD = (
    "data_quality",
    "hourly_demand",
    "item_performance",
    "items_ordered_together",
    "menu_comparison",
    "menu_funnel",
)
# Nobody asks for all events; what the view does to them is asked for.
WHOLE = {"events": "SELECT business_date, event_type, count(*) AS n FROM events GROUP BY 1, 2"}

type Questions = dict[str, tuple[list[str], float | None]]  # name -> queries, at most this part of the JSON


def questions(database: Database) -> Questions:
    """Return what is asked, in DuckDB's SQL."""

    def saved(name: str, first: object, last: object) -> str:
        return database.translate((ATHENA / "queries" / f"{name}.sql").read_text(), str(first), str(last))

    week = f"day BETWEEN DATE '{WEEK_AGO}' AND DATE '{LAST_DAY}'"
    seven = database.translate(f"SELECT * FROM item_performance WHERE {week}")  # noqa: S608
    return {
        "item performance, last 7 days": ([seven], None),
        "funnel, yesterday": ([saved("funnel", LAST_DAY, LAST_DAY)], 1 / 500),
        "best sellers, last 7 days": ([saved("best_sellers", WEEK_AGO, LAST_DAY)], None),
        "dashboard refresh, 90 days": ([whole(database, view) for view in DASHBOARD], 1 / 20),
    }


def whole(database: Database, view: str) -> str:
    """Return the query of a whole view."""
    return database.translate(WHOLE.get(view, f"SELECT * FROM {view}"))  # noqa: S608


def bytes_read(database: Database, metadata: Metadata, json_bytes: int) -> dict[str, dict[str, Any]]:
    """Return for each question what it reads, and what it would read of the JSON."""
    costs = {}
    for name, (queries, most) in questions(database).items():
        readings = [scans(database.connection, query) for query in queries]
        parts = [metadata.read(reading) for reading in readings]
        read = Read(*(sum(column) for column in zip(*parts, strict=True)))
        plain = json_bytes * len(queries)  # which has no columns to choose from, and no days
        bill = sum(max(LEAST_BYTES, part.chunks + part.footers) for part in parts) * DOLLARS_A_BYTE
        costs[name] = read._asdict() | {
            "json": plain,
            "ratio": read.chunks / plain,
            "most": most,
            "dollars": bill,
            "request_dollars": sum(map(len, readings)) * prefixes() * DOLLARS_A_LISTING
            + (read.opened + read.files) * DOLLARS_A_GET,
            "json_dollars": plain * DOLLARS_A_BYTE,
        }
    return costs


def seconds(databases: dict[str, Database]) -> dict[str, dict[str, float]]:
    """Return the median time of each view as a whole, the layouts taken in turn."""
    views = next(iter(databases.values())).views
    samples: dict[str, dict[str, list[float]]] = {view: {name: [] for name in databases} for view in views}
    for _ in track(range(ROUNDS), description="Asking", transient=True):
        for view in views:
            for name, database in databases.items():
                query = whole(database, view)
                start = time.perf_counter()
                run(database.connection, query)
                samples[view][name].append(time.perf_counter() - start)
    return {view: {name: statistics.median(s) for name, s in by.items()} for view, by in samples.items()}


def main() -> None:
    """Print the tables and add to the file."""
    events = stored(BUSY)
    folders = {
        f"as delivered, BufferSeconds={BUFFER_SECONDS}": events.folder,
        "as stored, compacted": by_month(events.folder),
    }
    metadata = {name: Metadata(folder) for name, folder in folders.items()}
    databases = {name: Database(folder) for name, folder in folders.items()}
    rest = {name: layout.total()._asdict() for name, layout in metadata.items()}
    read = {name: bytes_read(databases[name], metadata[name], events.sent_bytes) for name in folders}
    times = seconds(databases)
    _print(events, rest, read, times)
    requests = year()
    _print_year(requests)
    page = owners_page()
    _print_page(page)
    answers = {
        "json_bytes": events.sent_bytes,
        "at_rest": rest,
        "read": read,
        "seconds": times,
        "year": requests,
        "owners_page": page,
    }
    results.keep("answers", answers)


def _print(events: Stored, rest: dict[str, Any], read: dict[str, Any], times: dict[str, Any]) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    table = Table(
        "layout", "files", "MB", "of JSON", "MB of footers", title=f"{events.rows:,} events, {BUSY.days} days"
    )
    table.add_row("JSON lines by hour", f"{BUSY.days * 24:,}", _mb(events.sent_bytes), "1", "")
    for name, total in rest.items():
        share = f"1/{events.sent_bytes / total['bytes']:.1f}"
        table.add_row(name, f"{total['files']:,}", _mb(total["bytes"]), share, _mb(total["footers"]))
    console.print(table)
    for name, costs in read.items():
        headings = ("question", "MB", "of JSON", "at most", "MB of footers", "$ Athena", "$ S3", "$ JSON")
        table = Table(*headings, title=f"bytes read, {name}")
        for question, cost in costs.items():
            aim = cost["most"]
            colour = "" if aim is None else "[green]" if cost["ratio"] <= aim else "[red]"
            table.add_row(
                question,
                f"{cost['chunks'] / 1e6:,.2f}",
                f"{colour}1/{1 / cost['ratio']:,.0f}",
                "" if aim is None else f"1/{1 / aim:.0f}",
                f"{cost['footers'] / 1e6:,.1f}",
                f"{cost['dollars']:.5f}",
                f"{cost['request_dollars']:.5f}",
                f"{cost['json_dollars']:.3f}",
            )
        console.print(table)
    table = Table("view", *rest, title=f"seconds in DuckDB, at most {SECONDS:.0f}")
    for view, by in times.items():
        table.add_row(view, *(f"[{'green' if s <= SECONDS else 'red'}]{s:.2f}" for s in by.values()))
    console.print(table)


def _print_year(requests: dict[str, dict[str, dict[str, float]]]) -> None:
    console = Console(highlight=False, width=120)
    for moment, by in requests.items():
        headings = ("partitions", "listings", "footers", "columns", "$ S3", "of days")
        table = Table(*headings, title=f"S3's requests for best sellers of a year, one restaurant, {moment}")
        before = by["days"]["dollars"]
        for name, counts in by.items():
            cells = [f"{counts[count]:,.0f}" for count in ("listings", "footers", "columns")]
            table.add_row(name, *cells, f"{counts['dollars']:.6f}", f"1/{before / counts['dollars']:.1f}")
        console.print(table)


def _print_page(page: dict[str, Counts]) -> None:
    headings = ("what", "queries", "MB", "listings", "reads", "$ Athena", "$ S3", "$ together")
    table = Table(*headings, title="the owner's page in a day, one restaurant with a year of events")
    for name, counts in page.items():
        cells = [f"{counts[count]:,.0f}" for count in ("queries", "listings", "reads")]
        dollars = [counts["athena"], counts["s3"], counts["athena"] + counts["s3"]]
        megabytes = f"{counts['bytes'] / 1e6:,.1f}"
        table.add_row(name, cells[0], megabytes, *cells[1:], *(f"{amount:.4f}" for amount in dollars))
    Console(highlight=False, width=120).print(table)


def _mb(count: int) -> str:
    return f"{count / 1e6:,.0f}"


if __name__ == "__main__":
    main()
