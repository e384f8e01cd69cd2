"""A replay and the stream: how much it sends at once, what is sent again, and when it stops."""

import io
from typing import Any

import pytest

from tests.support import envelope
from tests.support.replay import COUNTS, EVENT, FAILED, REJECTED, Replay, failed_line, rejected_line


def test_only_the_records_that_were_not_taken_are_sent_again(replay: Replay) -> None:
    replay.objects[REJECTED] = b"".join(rejected_line(EVENT, n) for n in range(20))
    replay.firehose.fails = lambda call, number: call <= 2 and number % 2 == 1
    assert replay() == COUNTS | {"objects": 1, "records": 20, "events": 20, "moved": 1}
    assert [len(call) for call in replay.firehose.calls] == [20, 10, 5]
    assert len(set(replay.firehose.taken)) == len(replay.firehose.taken) == 20


def test_a_stream_that_takes_no_more_stops_the_replay_and_moves_nothing(replay: Replay) -> None:
    replay.objects |= {REJECTED.replace("0.", f"{n}."): rejected_line(EVENT, n) * 3 for n in range(3)}
    replay.firehose.fails = lambda call, number: call > 2 or (call == 2 and number > 0)
    days: dict[str, Any] = {"from": "2026-11-01"}  # a word of Python
    answer = replay(**days)
    counts = {"objects": 2, "records": 4, "events": 4, "moved": 1, "failed": 2, "done": False}
    following = {"prefix": "rejected/", "from": "2026-11-01", "before": answer["next"]["before"]}
    assert answer == COUNTS | counts | {"next": following}
    assert len(replay.objects) == 3
    assert len(replay.firehose.calls) == 1 + 8
    replay.firehose.fails = lambda call, number: False
    assert replay(**answer["next"]) == COUNTS | {"objects": 2, "records": 6, "events": 6, "moved": 2}


def test_calls_hold_what_the_stream_takes_at_once_and_leave_room_for_others(replay: Replay) -> None:
    replay.objects[REJECTED] = b"".join(rejected_line(EVENT, n) for n in range(1201))
    replay.objects[FAILED] = failed_line(envelope({"note": "x" * 1_000_000})) * 7
    replay()
    assert [len(call) for call in replay.firehose.calls] == [500, 500, 201]
    assert sum(replay.slept) >= 1201 / 500
    replay.slept.clear()
    replay("errors/")
    assert [len(call) for call in replay.firehose.calls[3:]] == [2, 2, 2, 1]
    assert sum(replay.slept) >= 7_000_000 / (512 * 1024)


def test_what_the_time_does_not_suffice_for_is_done_by_the_next_call(replay: Replay) -> None:
    replay.objects |= {
        f"rejected/ingest_month=2026-11/{n}.jsonl": rejected_line(EVENT, n) * 500 for n in range(9)
    }
    answer, calls, moved = replay(seconds=63), 1, 0  # of which it uses three, at a second for each object
    while not answer["done"]:
        assert answer["failed"] == 0
        moved += answer["moved"]
        answer = replay(seconds=63, **answer["next"])
        calls += 1
    assert moved + answer["moved"] == 9
    assert calls == 3
    assert len(replay.firehose.taken) == 4500
    assert all(key.startswith("replayed/") for key in replay.objects)


def test_an_object_that_the_time_ends_in_is_sent_again_whole(replay: Replay) -> None:
    replay.objects[REJECTED] = b"".join(rejected_line(EVENT, n) for n in range(2000))
    answer = replay(seconds=61)
    assert (answer["records"], answer["moved"], answer["done"]) == (1000, 0, False)
    assert set(replay.objects) == {REJECTED}
    assert replay(**answer["next"])["moved"] == 1
    assert len(set(replay.firehose.taken)) == 2000


def test_a_large_object_is_read_line_by_line(replay: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
    content = failed_line(envelope({"events": [EVENT | {"page": "x" * 2000}] * 100})) * 40
    assert len(content) > 10_000_000
    replay.objects[FAILED] = content
    largest = 0
    files = replay.modules["app"].TemporaryFile

    class Lines(io.BufferedRandom):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("read at once")

        def __next__(self) -> bytes:
            nonlocal largest
            line = super().__next__()
            largest = max(largest, len(line))
            return line

    monkeypatch.setattr(replay.modules["app"], "TemporaryFile", lambda: Lines(files(buffering=0)))
    assert replay("errors/") == COUNTS | {"objects": 1, "records": 40, "events": 4000, "moved": 1}
    assert largest < 400_000
