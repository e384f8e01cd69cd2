"""The compaction's entry point: which months it merges, what it answers, and when it stops."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from tests.support.compaction import FILES, PREFIX, S3


@pytest.fixture
def handler(modules: Any, s3: S3, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TIME_ZONE", "Europe/Rome")
    monkeypatch.setenv("DATA_BUCKET", "data")
    monkeypatch.setattr(modules["app"], "boto3", SimpleNamespace(client=lambda service, config: s3))

    def handle(event: dict[str, str], seconds: int = 900) -> Any:
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: seconds * 1000)
        return modules["app"].handler(event, context)

    return handle


def test_the_answer_counts_files(handler: Any) -> None:
    answer = handler({"from": "2026-09", "to": "2026-11"})
    assert answer == {"months": 3, "files_before": FILES, "files_after": 1, "done": True}


def test_a_month_that_fails_does_not_keep_the_others(modules: Any, handler: Any, s3: S3) -> None:
    broken = {f"events/ingest_month=2026-10/{n}": b"no Parquet" for n in (1, 2)}
    s3.objects |= broken
    with pytest.raises(modules["app"].CompactionError, match=r"^not merged: events/ingest_month=2026-10/$"):
        handler({"from": "2026-10", "to": "2026-11"})
    (merged,) = s3.objects.keys() - broken.keys()
    assert merged.startswith(PREFIX)
    assert broken.items() <= s3.objects.items()


def test_without_a_bucket_one_line_says_so(
    modules: Any, handler: Any, s3: S3, caplog: pytest.LogCaptureFixture
) -> None:
    """As `sam local invoke` calls it without credentials. Before, each month's traceback was in the log."""

    def fail(number: int, name: str) -> None:
        raise NoCredentialsError

    s3.before = fail
    with pytest.raises(modules["app"].CompactionError) as error:
        handler({"from": "2026-11", "to": "2026-11"})
    reason = "bucket data cannot be listed: Unable to locate credentials"
    names = "events/ingest_month=2026-11/, rejected/ingest_month=2026-11/"
    assert str(error.value) == f"not merged: {names}: {reason}"
    logged = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.getMessage() for record in logged] == [
        f"{name} is not merged: {reason}" for name in names.split(", ")
    ]
    assert not any(record.exc_info for record in logged)


def test_months_are_left_when_the_time_is_up(handler: Any, s3: S3, files: dict[str, bytes]) -> None:
    asked = {"from": "2026-10", "to": "2026-11"}
    answer = handler(asked, seconds=60)
    assert answer == {"months": 0, "files_before": 0, "files_after": 0, "done": False, "next": asked}
    assert s3.objects == files


def call(modules: dict[str, Any], event: Any, today: date = date(2026, 11, 26)) -> list[str]:
    months: list[str] = modules["request"].read_request(event, today)
    return months


def test_the_schedule_asks_for_this_month_and_the_one_before(modules: Any) -> None:
    assert call(modules, {}) == ["2026-10", "2026-11"]
    assert call(modules, {}, date(2027, 1, 1)) == ["2026-12", "2027-01"]


def test_months_can_be_asked_for(modules: Any) -> None:
    assert call(modules, {"from": "2025-12", "to": "2026-02"}) == ["2025-12", "2026-01", "2026-02"]
    assert call(modules, {"from": "2026-10"}) == ["2026-10", "2026-11"]
    assert call(modules, {"to": "2026-03"}) == ["2026-02", "2026-03"]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ([], "event: must be an object"),
        ({"days": 3}, "event.days: no such field"),
        ({"from": "yesterday"}, "from: must be a month such as"),
        ({"from": "2026-11-22"}, "from: must be a month such as"),
        ({"from": "0001-01"}, "from: must be a month such as"),
        ({"to": 7}, "to: must be a month such as"),
        ({"to": "2026-12"}, "to: 2026-12 has not begun"),
        ({"from": "2026-11", "to": "2026-10"}, "from: 2026-11 is after"),
    ],
)
def test_a_wrong_call_is_told(modules: Any, event: Any, said: str) -> None:
    with pytest.raises(modules["request"].BadRequestError, match=said):
        call(modules, event)
