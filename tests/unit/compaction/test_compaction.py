"""A month's small files become one; no event is ever missing, neither if a call fails nor if others write."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from botocore.exceptions import ClientError

from tests.support.compaction import FILES, MONTH, PREFIX, ROWS, S3, Broken, file, ids

ALL = list(range(FILES * ROWS))


def compact(modules: dict[str, Any], s3: S3, prefix: str = PREFIX) -> tuple[int, int]:
    kind = prefix.partition("/")[0] + "/"
    partition = modules["partition"].Partition(s3, "data", prefix, modules["app"].KINDS[kind])
    counts: tuple[int, int] = partition.compact(float("inf"))
    return counts


def test_a_months_files_become_one(modules: Any, s3: S3) -> None:
    s3.objects["events/ingest_month=2026-10/menulens-1"] = b"of another month"
    assert compact(modules, s3) == (FILES, 1)
    (key,) = [key for key in s3.objects if key.startswith(PREFIX)]
    assert ids({key: s3.objects[key]}) == ALL
    assert len(s3.objects) == 2


def test_lines_of_rejected_events_become_one_file(modules: Any, s3: S3) -> None:
    prefix = f"rejected/ingest_month={MONTH}/"
    lines = {f"{prefix}{n}.jsonl": b'{"raw": "%d"}\n{"raw": "\\n"}\n' % n for n in range(3)}
    s3.objects |= lines
    assert compact(modules, s3, prefix) == (3, 1)
    (key,) = [key for key in s3.objects if key.startswith(prefix)]
    assert key.endswith(".jsonl")
    assert s3.objects[key] == b"".join(lines.values())


def test_rejected_events_that_may_be_written_once_more_are_left(modules: Any, s3: S3) -> None:
    """Firehose calls the transform again after a failure, which writes rejected events under their name."""
    prefix = f"rejected/ingest_month={MONTH}/"
    s3.objects |= {f"{prefix}{n}.jsonl": b"{}\n" for n in range(3)}
    s3.age = timedelta(minutes=14)
    assert compact(modules, s3, prefix) == (3, 3)
    assert compact(modules, s3) == (FILES, 1)
    s3.age = timedelta(minutes=16)
    assert compact(modules, s3, prefix) == (3, 1)


def test_rows_are_sorted_by_day_in_groups_that_statistics_tell_apart(modules: Any, tmp_path: Path) -> None:
    """A question for one day reads one group of three: Trino skips a group by the least and greatest date.

    https://trino.io/docs/current/object-storage/file-formats.html (parquet.ignore-statistics is off)
    """
    group, target = modules["merging"].ROWS_PER_GROUP, tmp_path / "merged"
    files = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    for number, path in enumerate(files):
        days = "DATE '2026-11-01' + (n % 3)::INTEGER AS business_date, business_date AS local_date"
        row = f"{days}, {number} AS file, TIMESTAMP '2026-11-01 12:00:00' AS received_at"
        rows = f"SELECT {row} FROM range({3 * group // 2}) AS t(n)"
        relation = duckdb.sql(rows)
        assert relation is not None
        relation.write_parquet(str(path))
    modules["merging"].merge_parquet(files, target)
    relation = duckdb.sql(f"""
        SELECT row_group_id, stats_min_value, stats_max_value FROM parquet_metadata('{target}')
        WHERE path_in_schema = 'business_date' ORDER BY 1
    """)
    assert relation is not None
    assert relation.fetchall() == [(n, f"2026-11-0{n + 1}", f"2026-11-0{n + 1}") for n in range(3)]


def test_a_months_files_are_written_last_on_the_first_night_of_the_next(modules: Any) -> None:
    """S3 counts an object's days from its creation, so merging renews them: for a month at most."""
    s3 = S3()
    written: dict[str, date] = {}
    first, partition = date(2026, 11, 1), modules["partition"]
    for night in range(62):
        day = first + timedelta(days=night)
        if day.month == 11:
            s3.objects[f"{PREFIX}menulens-{day}"] = file(night * ROWS)
        kind = modules["app"].KINDS["events/"]
        before = set(s3.objects)
        partition.Partition(s3, "data", PREFIX, kind).compact(float("inf"))
        written |= dict.fromkeys(s3.objects.keys() - before, day)
    (left,) = s3.objects
    assert sorted(ids(s3.objects)) == list(range(30 * ROWS))
    assert written[left] - first <= timedelta(days=30)


def test_what_is_merged_costs_two_listings(modules: Any, s3: S3) -> None:
    compact(modules, s3)
    s3.calls.clear()
    assert compact(modules, s3) == (1, 1)
    assert s3.calls == ["list", "list"]


def test_what_arrives_late_is_merged_too(modules: Any, s3: S3) -> None:
    compact(modules, s3)
    s3.objects[f"{PREFIX}menulens-1-2026-11-23-00-10-00"] = file(FILES * ROWS)
    assert compact(modules, s3) == (2, 1)
    assert sorted(ids(s3.objects)) == [*ALL, *range(FILES * ROWS, FILES * ROWS + ROWS)]


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done"])
def test_no_call_that_fails_loses_an_event(modules: Any, files: dict[str, bytes], done: bool) -> None:
    whole = S3()
    whole.objects |= files
    compact(modules, whole)
    for number in range(1, len(whole.calls) + 1):
        s3 = S3()
        s3.objects |= files

        def fail(call: int, name: str, number: int = number) -> None:
            if call == number:
                raise Broken

        if done:
            s3.after = fail
        else:
            s3.before = fail
        with pytest.raises(Broken):
            compact(modules, s3)
        assert set(ids(s3.objects)) == set(ALL), f"{whole.calls[number - 1]}, call {number}"
        s3.before = s3.after = lambda call, name: None
        compact(modules, s3)
        assert sorted(ids(s3.objects)) == ALL, f"{whole.calls[number - 1]}, call {number}"
        assert len(s3.objects) == 1


def test_a_deletion_that_was_cut_off_half_way_is_finished(
    modules: Any, s3: S3, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if one file is left beside a large one, which would not be merged again."""
    monkeypatch.setattr(modules["partition"], "KEYS_PER_CALL", FILES - 1)

    def fail(call: int, name: str) -> None:
        if s3.calls.count("delete") == 2:
            raise Broken

    s3.before = fail
    with pytest.raises(Broken):
        compact(modules, s3)
    left = [key for key in s3.objects if key in files]
    assert len(left) == 1
    s3.before = lambda call, name: None
    monkeypatch.setattr(modules["partition"], "LARGE_BYTES", len(files[left[0]]) + 1)
    assert compact(modules, s3) == (1, 1)
    assert ids(s3.objects) == ALL


@pytest.mark.parametrize("after", ["get", "put"])
@pytest.mark.parametrize("change", ["written", "deleted"])
def test_what_somebody_else_changes_stays_as_they_left_it(
    modules: Any, s3: S3, files: dict[str, bytes], after: str, change: str
) -> None:
    """Somebody deletes a visitor's rows: they must not come back with the merged file."""
    key = list(files)[-1]

    def interfere(call: int, name: str) -> None:
        if name == after and s3.calls.count(name) == 1:
            if change == "deleted":
                s3.objects.pop(key, None)
            else:
                s3.objects[key] = file(100)

    s3.after = interfere
    with pytest.raises((modules["partition"].ChangedError, ClientError)):
        compact(modules, s3)
    left = {name: body for name, body in files.items() if name != key}
    assert s3.objects == (left if change == "deleted" else left | {key: file(100)})


@pytest.mark.parametrize("number", range(1, 15))
def test_of_two_runs_at_once_one_does_it(modules: Any, s3: S3, number: int) -> None:
    """A second run begins and ends before each call of the first one in turn."""
    s3.age = timedelta(seconds=1)
    second: list[Any] = []

    def begin(call: int, name: str) -> None:
        if call == number and not second:
            second.append(None)
            try:
                second[0] = compact(modules, s3)
            except (modules["partition"].BusyError, ClientError) as error:
                second[0] = error

    s3.before = begin
    try:
        first: Any = compact(modules, s3)
    except (modules["partition"].ChangedError, ClientError) as error:
        first = error
    assert second, "there are fewer calls"
    assert sorted(ids(s3.objects)) == ALL
    assert (FILES, 1) in (first, second[0])
    s3.age = timedelta(hours=1)
    assert compact(modules, s3) == (1, 1)
    assert len(s3.objects) == 1  # no note is left either


def test_files_of_other_columns_are_merged_by_name(modules: Any, s3: S3) -> None:
    s3.objects[f"{PREFIX}z"] = file(FILES * ROWS, ", 'web' AS channel")
    compact(modules, s3)
    (body,) = s3.objects.values()
    assert b"channel" in body
    assert len(ids(s3.objects)) == (FILES + 1) * ROWS


def test_large_files_are_left_and_none_becomes_too_large(
    modules: Any, s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = max(len(body) for body in s3.objects.values())
    monkeypatch.setattr(modules["partition"], "MERGED_BYTES", 2 * size)
    assert compact(modules, s3) == (FILES, 2)
    monkeypatch.setattr(modules["partition"], "LARGE_BYTES", 1)
    assert compact(modules, s3) == (2, 2)
    assert sorted(ids(s3.objects)) == ALL


def test_a_growing_file_is_not_written_again_each_night(
    modules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred nights with as many bytes each: what is written stays a few times of what there is."""
    s3, line, nights = S3(), b"x" * 99 + b"\n", 100
    monkeypatch.setattr(modules["partition"], "CHEAP_BYTES", 4 * len(line))
    written = []

    def count(files: list[Path], target: Path) -> None:
        modules["merging"].merge_lines(files, target)
        written.append(target.stat().st_size)

    for night in range(nights):
        s3.objects[f"{PREFIX}menulens-{night:03d}"] = line
        modules["partition"].Partition(s3, "data", PREFIX, modules["partition"].Kind(count)).compact(
            float("inf")
        )
    assert b"".join(s3.objects.values()) == nights * line
    assert sum(written) < 10 * nights * len(line)  # all of it each night would be 50 times
    assert len(s3.objects) < 8


def test_many_files_of_one_size_are_merged(modules: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy stack's files are larger than what is cheap to merge each night."""
    monkeypatch.setattr(modules["partition"], "CHEAP_BYTES", 1)
    s3 = S3()
    s3.objects = {f"rejected/ingest_month={MONTH}/{n}.jsonl": b"{}\n" for n in range(20)}
    assert compact(modules, s3, f"rejected/ingest_month={MONTH}/") == (20, 1)


def test_a_file_that_lacks_rows_is_not_kept(
    modules: Any, s3: S3, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = modules["merging"]._rows
    monkeypatch.setattr(modules["merging"], "_rows", lambda database, paths: count(database, paths[:1]))
    with pytest.raises(modules["merging"].MergeError, match=f"{ALL[-1] + 1} rows were written of {ROWS}"):
        compact(modules, s3)
    assert s3.objects == files
