"""What a call of the replay selects, fixes, sends and moves, and when it stops."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import NoCredentialsError

from tests.support import EVENTS, RECEIVED_AT, REQUEST_ID, envelope
from tests.support.replay import COUNTS, EVENT, FAILED, REJECTED, Replay, failed_line, rejected_line

ROME = ZoneInfo("Europe/Rome")


def between(first: str | None = None, last: str | None = None) -> dict[str, Any]:
    """Return the fields of a request for these days, `from` of which is a word of Python."""
    return {name: day for name, day in (("from", first), ("to", last)) if day}


@pytest.mark.parametrize(
    ("fix", "event", "fixed"),
    [
        ({"rename": {"sessionId": "session_id"}}, {"sessionId": "s"}, {"session_id": "s"}),
        ({"rename": {"url": "page"}}, {"url": "/", "page": None}, {"page": "/"}),
        (
            {"rename": {"sessionId": "session_id"}},
            {"sessionId": "s", "session_id": "t"},
            {"sessionId": "s", "session_id": "t"},
        ),
        ({"rename": {"a": "page", "b": "page"}}, {"b": "/"}, {"page": "/"}),
        ({"drop": ["note", "more"]}, {"note": 1}, {}),
        ({"set": {"channel": "qr", "page": "/"}}, {"channel": "?"}, {"channel": "qr", "page": "/"}),
        ({"rename": {"x": "page"}, "drop": ["x", "page"], "set": {"page": "/"}}, {"x": 1}, {"page": "/"}),
        ({}, {"x": 1}, {"x": 1}),
    ],
)  # fmt: skip
def test_a_fix(replay: Replay, fix: dict[str, Any], event: dict[str, Any], fixed: dict[str, Any]) -> None:
    replay.objects[REJECTED] = rejected_line(EVENT | event)
    replay(fix=fix)
    assert replay.firehose.documents[0]["body"]["events"] == [EVENT | fixed | {"event_id": f"{REQUEST_ID}-0"}]


def test_a_fix_reaches_every_event_of_a_failed_record(replay: Replay) -> None:
    bodies = [EVENT, {"events": [EVENT, 7]}, [EVENT]]
    lines = [failed_line(envelope(body)) for body in bodies] + [failed_line(json.dumps(EVENT).encode())]
    replay.objects[FAILED] = b"".join(lines)
    replay("errors/", fix={"rename": {"element_clicked": "page"}})
    fixed = {name: value for name, value in EVENT.items() if name != "element_clicked"} | {"page": "a"}
    documents = replay.firehose.documents
    assert [document["body"] for document in documents] == [fixed, {"events": [fixed, 7]}, [EVENT], fixed]
    assert documents[0] == json.loads(envelope(fixed))  # address and user agent included


def test_only_what_where_selects_is_sent(replay: Replay) -> None:
    lines = [
        rejected_line(EVENT, 0),
        rejected_line(
            EVENT, 1, field="time_spent", reason="range: Expected `float` >= 0.0 - at `$.time_spent`"
        ),
        rejected_line(EVENT, 2, field="other"),
        rejected_line("no JSON", 3),
    ]
    replay.objects[REJECTED] = b"".join(lines)
    answer = replay(where={"reason": "unknown field", "field": "sessionId"})
    assert answer == COUNTS | {"objects": 1, "records": 1, "events": 1, "moved": 1, "skipped": 1}
    assert replay.objects[f"{REJECTED}.rest"] == b"".join(lines[1:])
    assert replay(where={"reason": "range"})["records"] == 1
    assert replay.objects == {
        f"replayed/{REJECTED}": b"".join(lines),
        f"replayed/{REJECTED}.rest": b"".join(lines[1:]),
        f"{REJECTED}.rest.rest": b"".join(lines[2:]),
    }


@pytest.mark.parametrize(
    ("days", "events"),
    [
        ({}, 3),
        ({"from": "2026-11-23"}, 2),
        ({"to": "2026-11-23"}, 2),
        ({"from": "2026-11-23", "to": "2026-11-23"}, 1),
        ({"from": "2027-01-01", "to": None}, 0),
    ],
)
def test_days_are_inclusive(replay: Replay, days: dict[str, Any], events: int) -> None:
    for day in (22, 23, 24):
        line = rejected_line(EVENT, received_date=f"2026-11-{day}")
        replay.objects[f"rejected/ingest_month=2026-11/{day}.jsonl"] = line
        arrival = {"arrivalTimestamp": RECEIVED_AT + (day - 23) * 86_400_000}
        key = f"errors/processing-failed/ingest_month=2026-11/{day}"
        replay.objects[key] = failed_line(envelope(EVENT), **arrival)
    for prefix in ("rejected/", "errors/"):
        assert replay(prefix, **days) == COUNTS | dict.fromkeys(("records", "events", "moved"), events) | {
            "objects": 0 if days.get("from") == "2027-01-01" else 3
        }


def test_of_a_merged_object_only_the_days_asked_for_are_replayed(replay: Replay) -> None:
    lines = [rejected_line(EVENT, day, received_date=f"2026-11-{day}") for day in (22, 23, 24)]
    key = "rejected/ingest_month=2026-11/merged-1.jsonl"
    replay.objects[key] = b"".join(lines)
    answer = replay(**between("2026-11-23", "2026-11-23"))
    assert (answer["records"], answer["moved"]) == (1, 1)
    assert replay.objects == {f"replayed/{key}": b"".join(lines), f"{key}.rest": lines[0] + lines[2]}


def test_what_arrived_just_after_midnight_is_found_in_the_month_before(replay: Replay) -> None:
    """Firehose files an object by the approximate arrival of the oldest record in it.

    https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
    """
    midnight = int(datetime(2026, 12, 1, tzinfo=ROME).timestamp() * 1000)
    key = "errors/processing-failed/ingest_month=2026-11/before-midnight"
    lines = [failed_line(envelope(EVENT), arrivalTimestamp=midnight + delta) for delta in (-2000, 1000)]
    replay.objects[key] = b"".join(lines)
    assert replay("errors/", **between(first="2026-12-01"))["records"] == 1
    assert replay.objects[f"{key}.rest"] == lines[0]
    assert replay("errors/", **between(last="2026-11-30"))["records"] == 1


def test_what_was_rejected_again_later_is_found_by_its_day_of_arrival(replay: Replay) -> None:
    replay.objects["rejected/ingest_month=2027-01/0.jsonl"] = rejected_line(EVENT)
    assert replay(**between("2026-11-23", "2026-11-23"))["records"] == 1


def test_what_is_rejected_again_waits_for_the_next_call(replay: Replay) -> None:
    replay.objects[REJECTED] = rejected_line(EVENT)
    replay.s3.written[REJECTED] = datetime.now(UTC) + timedelta(seconds=5)
    assert replay() == COUNTS
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert replay(before=later.isoformat())["moved"] == 1


def test_a_dry_run_counts_and_touches_nothing(replay: Replay) -> None:
    before = {
        REJECTED: rejected_line(EVENT) + b"x\n",
        REJECTED.replace("0.", "1."): rejected_line({"events": [EVENT] * 101}),
    }
    replay.objects |= before
    answer = replay(dry_run=True)
    assert answer == COUNTS | {"objects": 2, "records": 3, "events": 102, "skipped": 1}
    assert replay.objects == before
    assert replay.firehose.calls == []


def test_an_object_that_somebody_else_moved_meanwhile_is_passed_over(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = REJECTED.replace("0.", "1.")
    replay.objects |= {REJECTED: rejected_line(EVENT), others: rejected_line(EVENT)}
    monkeypatch.setattr(replay.s3, "copy_object", lambda **_: replay.objects.pop(others, None))
    assert replay() == COUNTS | {"objects": 1, "records": 1, "events": 1, "moved": 1}


@pytest.mark.parametrize("event", sorted(EVENTS.glob("replay_*.json")), ids=lambda path: path.stem)
def test_the_event_files_are_calls(replay: Replay, event: Any) -> None:
    assert replay(**json.loads(event.read_text())) == COUNTS


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"prefix": "events/"}, 'prefix: must be "rejected/" or "errors/", not \'events/\''),
        ({"prefix": "replayed/"}, "prefix: must be"),
        ({"prefix": ["errors/"]}, "prefix: must be"),
        ({"since": "2026-11-22"}, "event.since: no such field; there are prefix, from, to,"),
        ({"from": "22.11.2026"}, "from: must be a day such as 2026-11-22, not '22.11.2026'"),
        ({"from": 20261122}, "from: must be a day"),
        ({"to": "2026-02-30"}, "to: must be a day"),
        ({"from": "2026-11-23", "to": "2026-11-22"}, "from: 2026-11-23 is after `to`, 2026-11-22"),
        ({"before": "2026-11-22"}, "before: must be a time"),
        ({"before": "soon"}, "before: must be a time"),
        ({"dry_run": "false"}, "dry_run: must be true or false, not 'false'"),
        ({"fix": "x"}, "fix: must be an object, not 'x'"),
        ({"fix": {"replace": {}}}, "fix.replace: no such field; there are rename, drop, set"),
        ({"fix": {"rename": ["x"]}}, "fix.rename: must be an object"),
        ({"fix": {"rename": {"sessionId": "session"}}}, "fix.rename.sessionId: 'session' is no field of an"),
        ({"fix": {"drop": "note"}}, "fix.drop: must be a list of names, not 'note'"),
        ({"fix": {"drop": [1]}}, "fix.drop: must be a list of names"),
        ({"fix": {"set": {"chanel": "web"}}}, "fix.set.chanel: no such field"),
        ({"fix": {"set": {"event_id": "12345678"}}}, "fix.set.event_id: events with one id are merged"),
        ({"where": {"code": "range"}}, "where.code: no such field; there are reason, field"),
        ({"where": {"field": None}}, "where.field: must be text"),
        (
            {"prefix": "errors/", "where": {"field": "x"}},
            'where: only what lies under "rejected/" has a reason',
        ),
    ],
)
def test_a_call_that_is_wrong_names_the_field_and_touches_nothing(
    replay: Replay, event: dict[str, Any], said: str
) -> None:
    before = {REJECTED: rejected_line(EVENT), FAILED: failed_line(envelope(EVENT))}
    replay.objects |= before
    with pytest.raises(ValueError, match=":") as error:
        replay(**({"prefix": "rejected/"} | event))
    assert str(error.value).startswith(said)
    assert type(error.value).__name__ == "BadRequestError"
    assert replay.objects == before
    assert replay.firehose.calls == []


def test_without_a_bucket_one_line_says_so(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `sam local invoke` calls it without credentials."""

    def fail(**_: str) -> Iterator[None]:
        raise NoCredentialsError
        yield

    monkeypatch.setattr(replay.s3, "paginate", fail)
    expected = "^bucket data cannot be listed: Unable to locate credentials$"
    with pytest.raises(replay.modules["objects"].BucketError, match=expected):
        replay()
