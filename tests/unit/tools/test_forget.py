"""What the deletion of a visitor's data refuses before it asks AWS anything."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from tools.forget import main

TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date()
NO_DAYS = ("2026-02-30", "2026-13-01", "22.11.2026", "20 November", "", "2026-11-22T10:00")


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("2026-11-22", "2026-11-20", "--from 2026-11-22 is after --to 2026-11-20: swap them"),
        (str(TOMORROW), str(TOMORROW), "has not come yet"),
        *((day, "2026-11-22", f"{day} is not a day such as 2026-11-22") for day in NO_DAYS),
        *(("2026-11-22", day, f"{day} is not a day such as 2026-11-22") for day in NO_DAYS),
    ],
)
def test_days_that_cannot_be_meant_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, first: str, last: str, message: str
) -> None:
    """Swapped days once selected nothing, and "deleted 0 rows" looked like a deletion."""
    monkeypatch.setattr(boto3, "client", lambda name: pytest.fail("AWS was asked"))
    with pytest.raises(SystemExit) as stopped:
        main(["--from", first, "--to", last, "--session-id", "ID"])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_an_empty_id_is_refused(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main(["--from", "2026-11-20", "--to", "2026-11-20", "--session-id", ""])
    assert "must not be empty" in capsys.readouterr().err
