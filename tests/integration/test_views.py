"""Every view against an answer worked out by hand.

`tests/data/views/<view>/input.jsonl` holds what clients send, a request a line: `at`, when it arrives (UTC),
the sender's `ip` and `agent` (a name of AGENTS), whether it is `imported`, and its `events`. It goes
through the transform and into Parquet as the local stack does that; the custom resource applies athena/ with
the menu beside this data; the view must then be `expected.csv`, in any order, doubles to four decimals,
addresses in place of visitors. `where.sql` leaves rows out that say nothing.
"""

import base64
import csv
import itertools
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.firehose.parquet import convert
from local.firehose.records import Record
from preview.queries import query
from tests.support import CONTEXT, PHONE, ROOT, envelope, firehose_batch, load_function
from tests.support.local_emulator import ACCOUNT, REGION, Emulator, running

DATA = ROOT / "tests" / "data" / "views"
VIEWS = sorted(path.stem for path in (ROOT / "athena" / "views").glob("*.sql"))
ZONE = "Europe/Rome"
DATABASE = WORK_GROUP = "views"
AGENTS = {
    "phone": PHONE,
    "laptop": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "bot": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
}


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory, patch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulator to whose Athena the custom resource has applied the definitions."""
    folder = tmp_path_factory.mktemp("views")
    shutil.copytree(ROOT / "athena", folder / "athena")
    shutil.copy(DATA / "menu_items.csv", folder / "athena" / "reference")
    with running(folder) as emulator:
        for bucket in ("data", "results"):
            location = {"LocationConstraint": REGION}
            emulator.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
        emulator.client("glue").create_database(DatabaseInput={"Name": DATABASE})
        emulator.client("athena").create_work_group(
            Name=WORK_GROUP,
            Configuration={"ResultConfiguration": {"OutputLocation": "s3://results/"}},
        )
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{emulator.port}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.syspath_prepend(str(folder / "athena"))
        properties = {"Database": DATABASE, "WorkGroup": WORK_GROUP, "DataBucket": "data", "TimeZone": ZONE}
        # The data has fixed days, which must lie in the tables' partitions for years.
        properties |= {"EventRetentionDays": "3650", "RejectedRetentionDays": "3650"}
        module = load_function("custom_resources", "athena_definitions")["athena_definitions"]
        module.AthenaDefinitions(properties, 600).serve("Create")
        yield emulator


@pytest.fixture(scope="module")
def transform(patch: pytest.MonkeyPatch) -> dict[str, Any]:
    patch.setenv("TIME_ZONE", ZONE)
    patch.setenv("DATA_BUCKET", "data")
    return load_function("transform")


def test_every_view_has_an_answer() -> None:
    folders = sorted(path.name for path in DATA.iterdir() if path.is_dir())
    assert folders == VIEWS, "each view of athena/views/ has a folder in tests/data/views/"


@pytest.mark.parametrize("view", VIEWS)
def test_view(view: str, emulator: Emulator, transform: dict[str, Any]) -> None:
    addresses = fill(emulator, transform, DATA / view / "input.jsonl")
    where = DATA / view / "where.sql"
    condition = f" WHERE {where.read_text()}" if where.exists() else ""
    rows = query(emulator.client("athena"), f"SELECT * FROM {view}{condition}", DATABASE, WORK_GROUP)
    entry = emulator.client("glue").get_table(DatabaseName=DATABASE, Name=view)["Table"]
    types = {column["Name"]: column["Type"] for column in entry["StorageDescriptor"]["Columns"]}
    with (DATA / view / "expected.csv").open(newline="") as file:
        expected = csv.DictReader(file)
        expected_rows = [comparable(row, types) for row in expected]
    assert list(expected.fieldnames or ()) == list(types) or view == "events"
    for row, (visitor, address) in itertools.product(rows, addresses.items()):
        row.update({name: cell.replace(visitor, address) for name, cell in row.items()})
    shown = [{name: row.get(name, "") for name in expected.fieldnames or ()} for row in rows]
    assert sorted(comparable(row, types) for row in shown) == sorted(expected_rows)


def comparable(row: dict[str, str], types: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return a row's cells as text, doubles with four decimals, maps in order of their keys."""

    def written(cell: str, kind: str) -> str:
        if cell and kind == "double":
            return f"{float(cell):.4f}"
        # A map has no order: Athena writes `{a={x=1, y=2}, b={x=3, y=4}}` in any.
        return (
            ", ".join(sorted(re.split(r"(?<=\}), ", cell[1:-1])))
            if kind.startswith("map<string,struct")
            else cell
        )

    return tuple((name, written(cell, types[name])) for name, cell in row.items())


def fill(emulator: Emulator, transform: dict[str, Any], path: Path) -> dict[str, str]:
    """Replace what is stored by what the transform makes of the requests; return each visitor's address."""
    s3 = emulator.client("s3")
    for key in emulator.objects("data"):
        s3.delete_object(Bucket="data", Key=key)
    days: defaultdict[str, list[bytes]] = defaultdict(list)
    addresses = {}
    for number, line in enumerate(path.read_text().splitlines()):
        request = json.loads(line)
        at = datetime.fromisoformat(request["at"]).replace(tzinfo=UTC)
        day, agent = at.astimezone(ZoneInfo(ZONE)).date(), AGENTS[request.get("agent", "phone")]
        data = envelope(
            {"events": request["events"]},
            request_id=f"request-{number}",
            received_at=round(at.timestamp() * 1000),
            ip=request.get("ip"),
            user_agent=base64.b64encode(agent.encode()).decode() if "ip" in request else None,
            imported=request.get("imported", False),
        )
        days[day.isoformat()].append(data)
        if "ip" in request:
            addresses[transform["visitor"].visitor_id(request["ip"], agent, day)] = request["ip"]
    transform["rejected"]._client = SimpleNamespace(put_object=s3.put_object)
    conversion = {
        "SchemaConfiguration": {"DatabaseName": DATABASE, "TableName": "events_raw", "Region": REGION}
    }
    for name, requests in days.items():
        batch = firehose_batch(*requests)
        for record in batch["records"]:
            record["recordId"] += name  # no two records have the same
        answers = transform["app"].handler(batch, CONTEXT)["records"]
        assert all(answer["result"] in ("Ok", "Dropped") for answer in answers)
        records = [Record("", 0, base64.b64decode(answer["data"])) for answer in answers if "data" in answer]
        parquet, failures = convert(conversion, emulator.client("glue"), ACCOUNT, records)
        assert not failures
        if parquet:
            s3.put_object(Bucket="data", Key=f"events/ingest_month={name[:7]}/{name}.parquet", Body=parquet)
    return addresses
