"""The day that runs, as an expression that QuickSight evaluates by UTC's clock."""

import json
from datetime import UTC, datetime

import pytest

from tests.support import ROOT, load_function

MODULE = load_function("custom_resources", "today")["today"]


@pytest.mark.parametrize(
    ("time_zone", "minutes"),
    [
        ("UTC", -300),
        ("Europe/Rome", -240),
        ("America/New_York", -600),
        ("Australia/Sydney", 300),
        ("Asia/Kolkata", 30),
        ("Africa/Casablanca", -300),  # its clocks go back for Ramadan
    ],
)
@pytest.mark.parametrize("month", [1, 7])
def test_the_day_changes_at_five_in_winter_and_at_six_in_summer(
    time_zone: str, minutes: int, month: int
) -> None:
    expression = f"truncDate('DD', addDateTime({minutes}, 'MI', now()))"
    assert MODULE.today(time_zone, datetime(2026, month, 1, tzinfo=UTC)) == expression


def test_the_day_changes_when_the_data_are_refreshed() -> None:
    (schedule,) = json.loads((ROOT / "quicksight" / "parts" / "every_day.json").read_text())
    hour, minute = map(int, schedule["ScheduleFrequency"]["TimeOfTheDay"].split(":"))
    assert MODULE.REFRESHED_AT.total_seconds() == hour * 3600 + minute * 60
