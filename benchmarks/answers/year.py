"""S3's requests for a question over a year of a restaurant, with partitions of days and of months."""

from datetime import timedelta

from benchmarks.answers.compacted import by_day, by_month, delivered_at
from benchmarks.answers.database import ATHENA, Database, prefixes
from benchmarks.answers.generate import stored
from benchmarks.answers.plan import Metadata, scans
from benchmarks.answers.traffic import LAST_DAY, YEAR, local_day

DOLLARS_A_LISTING = 0.005 / 1000  # of a partition, in S3's bill
DOLLARS_A_GET = 0.0004 / 1000  # of a footer, or of the columns of a file
MOMENTS = {"after the night's compaction": False, "at the end of the day": True}


def year() -> dict[str, dict[str, dict[str, float]]]:
    """Return the requests and their dollars by moment and by length of a partition.

    Partitions of days are projected from the first day of the year to tomorrow, those of months as the table
    has them. At the end of the day its files are as delivered; after the night none of the new day are there.
    """
    folder = stored(YEAR).folder
    first = LAST_DAY - timedelta(days=YEAR.days - 1)
    requests: dict[str, dict[str, dict[str, float]]] = {moment: {} for moment in MOMENTS}
    layouts = {"days": (by_day(folder), YEAR.days + 1), "months": (by_month(folder), prefixes())}
    for name, (layout, listed) in layouts.items():
        database = Database(layout)
        sql = (ATHENA / "queries" / "best_sellers.sql").read_text()
        readings = scans(database.connection, database.translate(sql, str(first), str(LAST_DAY)))
        read = Metadata(layout).read(readings)
        delivered = [file for file in layout.glob("events/*/*") if not file.stem.startswith("merged-")]
        fresh = [file for file in delivered if local_day(delivered_at(file)) == LAST_DAY]
        for moment, with_fresh in MOMENTS.items():
            left_out = 0 if with_fresh else len(fresh) * len(readings)
            listings, footers, columns = len(readings) * listed, read.opened - left_out, read.files - left_out
            requests[moment][name] = {
                "listings": listings,
                "footers": footers,
                "columns": columns,
                "dollars": listings * DOLLARS_A_LISTING + (footers + columns) * DOLLARS_A_GET,
            }
    return requests
