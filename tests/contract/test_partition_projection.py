"""Partition projection: no parser knows its properties, and Athena finds no rows where they are wrong.

The rules are those of https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.athena import hive
from local.athena.partitions import partitions
from local.trino.errors import QueryFailed
from tests.support import (
    CONTEXT,
    DEFINITION_VALUES,
    ROOT,
    envelope,
    firehose_batch,
    load_function,
    source_template,
)
from tests.support.statements import is_hive, statements

FORMATS = {"yyyy-MM": "%Y-%m", "yyyy/MM": "%Y/%m"}
UNITS = ("YEARS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINUTES", "SECONDS")
KNOWN = {
    "date": {"type", "format", "range", "interval", "interval.unit"},
    "integer": {"type", "range", "interval", "digits"},
    "enum": {"type", "values"},
}
REQUIRED = {"date": {"format", "range"}, "integer": {"range"}, "enum": {"values"}}
DAY = date(2026, 11, 23)


def tables() -> dict[str, str]:
    """Return the statements of the partitioned tables by the table's name."""
    found = {name: text for name, text in statements().items() if is_hive(text)}
    return {
        name.removeprefix("tables/").removesuffix(".sql"): text
        for name, text in found.items()
        if "PARTITIONED BY" in text
    }


def properties(statement: str) -> dict[str, str]:
    found: dict[str, str] = hive.parse_table(statement).table_properties
    return found


def faults(statement: str) -> list[str]:
    """Return what is wrong with the projection of a table."""
    ddl: Any = hive.parse_table(statement)
    keys = {key["Name"]: key["Type"] for key in ddl.partition_keys}
    found = [f"{column['Name']} is a column, too" for column in ddl.columns if column["Name"] in keys]
    given = ddl.table_properties
    if given.get("projection.enabled") != "true":
        return [*found, "projection is not enabled"]
    settings: dict[str, dict[str, str]] = {name: {} for name in keys}
    for name, value in given.items():
        _, column, setting = ([*name.split(".", 2), "", ""])[:3]
        if not name.startswith("projection.") or name == "projection.enabled":
            if name not in ("projection.enabled", "storage.location.template"):
                found.append(f"{name} is no property of a projection")
        elif column not in keys:
            found.append(f"{column} is no partition column")
        else:
            settings[column][setting] = value
    for column, setting in settings.items():
        found += [f"{column}: {fault}" for fault in _column_faults(keys[column], setting)]
    return found + _template_faults(ddl.location, given.get("storage.location.template", ""), set(keys))


def _column_faults(kind: str, setting: dict[str, str]) -> list[str]:
    projected = setting.get("type", "")
    if projected not in KNOWN:
        return [f"no type of projection: {projected}"]
    found = [f"unknown setting {name}" for name in setting.keys() - KNOWN[projected]]
    found += [f"{name} is missing" for name in REQUIRED[projected] - setting.keys()]
    if found or projected == "enum":
        return found
    if not re.fullmatch(r"[1-9]\d*", setting.get("interval", "1")):
        found.append("the interval is no positive number")
    first, _, last = setting["range"].partition(",")
    if projected == "integer":
        wrong = kind not in ("int", "bigint", "smallint", "tinyint", "string")
        numbers = all(re.fullmatch(r"-?\d+", number) for number in (first, last))
        return found + ["the column is no number"] * wrong + ["no range of numbers"] * (not numbers)
    return found + _date_faults(kind, setting, first, last)


def _date_faults(kind: str, setting: dict[str, str], first: str, last: str) -> list[str]:
    found = []
    if kind not in ("string", "date"):
        found.append("the column is no text or date")
    if setting.get("interval.unit", "DAYS") not in UNITS:
        found.append("no unit of an interval")
    if setting["format"] not in FORMATS:
        return [*found, "no format that this test knows"]
    behind, ahead = (
        re.fullmatch(rf"NOW{sign}([1-9]\d*)MONTHS", end) for sign, end in ((r"-", first), (r"\+", last))
    )
    if behind is None:
        found.append("the range does not begin months before NOW")
    # NOW is UTC, and the months of arrival are the restaurant's, which begin up to 14 hours earlier.
    if ahead is None:
        found.append("the range does not end a month after NOW")
    if setting.get("interval", "1") != "1" or setting.get("interval.unit", "MONTHS") != "MONTHS":
        found.append("a month is left out")
    return found


def _template_faults(location: str, template: str, keys: set[str]) -> list[str]:
    named = re.findall(r"\$\{(\w+)\}", template)
    found = []
    if sorted(named) != sorted(keys):
        found.append("the template does not name each partition column once")
    if not template.startswith(location):
        found.append("the template is not within the table's location")
    if not (template.endswith("/") and location.endswith("/")):
        found.append("a location does not end in a slash")
    return found


@pytest.mark.parametrize("table", tables())
def test_a_projection_is_sound(table: str) -> None:
    assert faults(tables()[table]) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("'projection.enabled' = 'true'", "'projection.enabled' = 'yes'", "not enabled"),
        ("projection.enabled", "projection.enable", "not enabled"),
        ("ingest_month.type", "ingest_moon.type", "no partition column"),
        ("month.type' = 'date'", "month.type' = 'dates'", "no type of projection"),
        ("ingest_month.format' =", "ingest_month.formats' =", "unknown setting formats"),
        ("'yyyy-MM',", "'YYYY-MM',", "no format"),
        ("NOW-26MONTHS", "2026-01", "does not begin months before NOW"),
        ("NOW-26MONTHS", "NOW-26DAYS", "does not begin months before NOW"),
        ("NOW-26MONTHS", "NOW", "does not begin months before NOW"),
        ("NOW+1MONTHS", "TODAY", "does not end a month after NOW"),
        ("NOW+1MONTHS", "NOW", "does not end a month after NOW"),
        ("interval' = '1'", "interval' = '2'", "a month is left out"),
        ("interval' = '1'", "interval' = '0'", "no positive number"),
        ("'MONTHS'", "'MONTHLY'", "no unit"),
        ("'MONTHS'", "'YEARS'", "a month is left out"),
        ("=${ingest_month}/'", "=${ingest_day}/'", "does not name each"),
        ("=${ingest_month}/'", "=${ingest_month}'", "end in a slash"),
        ("template' = 's3://data/events/", "template' = 's3://data/event/", "within the table's location"),
        ("BY (`ingest_month` string", "BY (`ingest_month` int", "no text or date"),
        ("BY (`ingest_month`", "BY (`device`", "is a column, too"),
    ],
)
def test_a_fault_is_found(old: str, new: str, fault: str) -> None:
    statement = tables()["events_raw"]
    assert old in statement
    assert any(fault in found for found in faults(statement.replace(old, new, 1)))


def projected(table: str, day: date) -> str:
    """Return the prefix within the bucket that Athena reads for a day's month."""
    given = properties(tables()[table])
    value = day.strftime(FORMATS[given["projection.ingest_month.format"]])
    return given["storage.location.template"].removeprefix("s3://data/").replace("${ingest_month}", value)


def test_firehose_writes_where_athena_reads() -> None:
    template = source_template()
    stream = template["Resources"]["DeliveryStream"]["Properties"]["ExtendedS3DestinationConfiguration"]

    def written(expression: re.Match[str]) -> str:
        return DAY.strftime(FORMATS[expression[1]])

    prefix = re.sub(r"!\{timestamp:([^}]+)\}", written, stream["Prefix"])
    assert prefix == projected("events_raw", DAY)
    # Both count months in the same time zone.
    assert stream["CustomTimeZone"] == {"Ref": "TimeZone"}


def test_the_transform_writes_rejected_events_where_athena_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIME_ZONE", "Europe/Rome")
    monkeypatch.setenv("DATA_BUCKET", "data")
    modules = load_function("transform")
    keys: list[str] = []
    modules["rejected"]._client = SimpleNamespace(put_object=lambda Bucket, Key, Body: keys.append(Key))
    modules["app"].handler(firehose_batch(envelope({"element_clicked": "a"})), CONTEXT)
    (key,) = keys
    assert key.rpartition("/")[0] + "/" == projected("rejected_events", DAY)


def parameters(days: int) -> dict[str, str]:
    """Return the properties of the table of events where they are kept for some days."""
    definitions = load_function("custom_resources", "athena_definitions")["athena_definitions"]
    values = DEFINITION_VALUES | {"event_months": str(definitions.months(days))}
    (statement,) = [d.statement for d in definitions.load(ROOT / "athena", values) if d.name == "events_raw"]
    return properties(statement)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
@pytest.mark.parametrize("days", [1, 27, 28, 29, 30, 31, 59, 60, 89, 90, 365, 730, 3650])
def test_every_month_that_is_kept_has_a_partition_and_few_others(
    days: int, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Athena lists every projected partition that a filter leaves, and NOW is the time in UTC.

    "Projected date columns are generated in Coordinated Universal Time (UTC) at query execution time."
    https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html

    An object is filed by its oldest record, so the first one may lie in the month before.
    """
    table = {"PartitionKeys": [{"Name": "ingest_month"}], "Parameters": parameters(days)}
    clock = {"now": datetime(2026, 1, 1, 0, 30, tzinfo=UTC)}
    frozen = SimpleNamespace(now=lambda zone: clock["now"], strptime=datetime.strptime)
    monkeypatch.setattr("local.athena.partitions.datetime", frozen)
    for _ in range(0, 4 * 366, 1 if days < 100 else 7):
        now = clock["now"] = clock["now"] + timedelta(days=1 if days < 100 else 7)
        today = now.astimezone(ZoneInfo(zone)).date()
        oldest = (today - timedelta(days=days)).replace(day=1) - timedelta(days=1)
        found = [partition.values["ingest_month"] for partition in partitions(table, "data", "")]
        assert found[0] <= f"{oldest:%Y-%m}" <= found[3]
        assert f"{today:%Y-%m}" in found


def test_the_partitions_go_back_as_far_as_the_lifecycle_rules_keep() -> None:
    template = source_template()["Resources"]
    rules = template["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    kept = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    given = template["AthenaDefinitions"]["Properties"]
    assert given["EventRetentionDays"] == kept["events/"] == {"Ref": "EventRetentionDays"}
    assert given["RejectedRetentionDays"] == kept["rejected/"]


@pytest.mark.parametrize(
    "end", ["NOW+1MONTHSS", "NOW+1months", "NOW+1QUARTERS", "NOW+MONTHS", "TODAY", "2026-11-01"]
)
def test_the_local_athena_refuses_a_range_that_athena_does_not_document(end: str) -> None:
    """A time relative to NOW has a sign, digits and a unit; a fixed one has the format of the column.

    https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
    """
    given = parameters(30) | {"projection.ingest_month.range": f"NOW-1MONTHS,{end}"}
    with pytest.raises(QueryFailed, match=r"'projection\.ingest_month\.range' is not valid"):
        partitions({"PartitionKeys": [{"Name": "ingest_month"}], "Parameters": given}, "data", "")
