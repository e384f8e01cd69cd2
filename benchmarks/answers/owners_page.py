"""What the owner's page of a restaurant with a year of events asks of Athena and S3 in a day."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.answers.compacted import by_month, delivered_at
from benchmarks.answers.database import Database, prefixes
from benchmarks.answers.generate import stored
from benchmarks.answers.plan import NOTHING, Metadata, json_readings, scans
from benchmarks.answers.traffic import LAST_DAY, YEAR, local_day
from benchmarks.answers.year import DOLLARS_A_GET, DOLLARS_A_LISTING
from functions.custom_resources.composition import load
from functions.report.packing import select, select_day
from preview.page import DASHBOARD, QUICKSIGHT
from preview.rows import column_types, view_name

DOLLARS_A_BYTE = 5 / 1e12
LEAST_BYTES = 10_000_000  # of a query, in Athena's bill
TIMES = 12  # a day that the running day is read

type Counts = dict[str, float]


def page_queries() -> list[str]:
    """Return what ReportFunction asks each night: a view for each data set of the dashboard."""
    definitions = load(QUICKSIGHT)
    declared = definitions.dashboards[DASHBOARD]["Definition"]["DataSetIdentifierDeclarations"]
    names = [entry["DataSetArn"].removeprefix("${data_set_arn_").removesuffix("}") for entry in declared]
    data_sets = [definitions.data_sets[name] for name in names]
    return [select(view_name(data_set), list(column_types(data_set))) for data_set in data_sets]


def owners_page() -> dict[str, Counts]:
    """Return the queries, bytes, requests and dollars of the page, of the running day, and of both in a day.

    The page is written after the night's compaction. The running day counts with all its files each time.
    """
    layout = by_month(stored(YEAR).folder)
    page = _counts(layout, page_queries(), is_night=True)
    hour = _counts(layout, [select_day(LAST_DAY.isoformat())], is_night=False)
    running = {name: TIMES * count for name, count in hour.items()}
    return {
        "page, each night": page,
        "running day, every two hours": running,
        "together": {name: page[name] + running[name] for name in page},
    }


def _counts(layout: Path, queries: Sequence[str], *, is_night: bool) -> Counts:
    database, metadata = Database(layout), Metadata(layout)
    fresh = [file for file in layout.glob("events/*/*") if not file.stem.startswith("merged-")]
    left_out = sum(local_day(delivered_at(file)) == LAST_DAY for file in fresh) if is_night else 0
    rejected = list(layout.glob("rejected/*/*"))
    rejected_bytes = sum(file.stat().st_size for file in rejected)
    counts = dict.fromkeys(("queries", "bytes", "listings", "reads", "athena", "s3"), 0.0)
    for query in queries:
        sql = database.translate(query)
        readings, of_json = scans(database.connection, sql), json_readings(database.connection, sql)
        read = metadata.read(readings) if readings else NOTHING
        size = read.chunks + read.footers + of_json * rejected_bytes
        listings = len(readings) * prefixes() + of_json * prefixes("rejected_events")
        gets = read.opened + read.files - 2 * left_out * len(readings) + of_json * len(rejected)
        counts["queries"] += 1
        counts["bytes"] += size
        counts["listings"] += listings
        counts["reads"] += gets
        counts["athena"] += max(LEAST_BYTES, size) * DOLLARS_A_BYTE
        counts["s3"] += listings * DOLLARS_A_LISTING + gets * DOLLARS_A_GET
    return counts
