"""Stands in for CloudWatch's evaluation of an alarm, and for EventBridge Scheduler's cron expressions.

What it holds to is documented; that CloudWatch and the scheduler do so is not shown here:

- An alarm is evaluated every minute over windows that end at that minute, so a period of an hour slides, too:
  https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
- It reads some periods more than it evaluates. While enough of them have data, the others are ignored. Only
  else do they count as TreatMissingData says:
  https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
- A schedule is skipped at a local time that a change of the clock leaves out, and called once at one that
  comes twice, of which AWS does not say which:
  https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MINUTE = timedelta(minutes=1)


def cron_times(expression: str, zone: ZoneInfo, days: Iterable[date], fold: int) -> list[datetime]:
    """Return the UTC times of a schedule on local days; `fold` chooses among local times that come twice."""
    body = expression.removeprefix("cron(").removesuffix(")")
    minutes, hours, day_of_month, month, weekdays, year = body.split()
    assert (day_of_month, month, year) == ("?", "*", "*"), "nothing else is used here"
    times = []
    for day in days:
        if DAYS[day.weekday()] not in weekdays.split(","):
            continue
        for hour in _values(hours, 24):
            for minute in _values(minutes, 60):
                local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold)
                utc = local.astimezone(UTC)
                if utc.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                    times.append(utc)
    return times


def _values(field: str, end: int) -> list[int]:
    """Return the numbers of a cron field: a list of numbers, ranges that do not wrap, steps from a start."""
    values: list[int] = []
    for part in field.split(","):
        if "/" in part:
            first, step = part.split("/")
            values += range(int(first), end, int(step))
        else:
            first, _, last = part.partition("-")
            assert int(first) <= int(last or first) < end, f"{part} turns around"
            values += range(int(first), int(last or first) + 1)
    return values


@dataclass
class Alarm:
    """An alarm of the template on a sum, evaluated with `more` periods read beyond those it evaluates."""

    properties: dict[str, Any]
    more: int = 3

    def states(self, data: dict[datetime, float], start: datetime, end: datetime) -> dict[datetime, bool]:
        """Return for each minute whether the alarm is on, by the data of whole minutes."""
        assert self.properties["ComparisonOperator"] == "LessThanThreshold"
        period = self.properties["Period"] // 60
        evaluated = self.properties["EvaluationPeriods"]
        needed = self.properties.get("DatapointsToAlarm", evaluated)
        minutes = int((end - start) / MINUTE)
        ends: list[float | None] = []  # the sum of the period that ends with each minute, None without data
        for minute in range(minutes):
            times = (start + n * MINUTE for n in range(max(minute - period + 1, 0), minute + 1))
            values = [data[time] for time in times if time in data]
            ends.append(sum(values) if values else None)
        read = period * (evaluated + self.more)
        return {
            start + minute * MINUTE: self._on(ends[minute : minute - read : -period], evaluated, needed)
            for minute in range(read, minutes)
        }

    def _on(self, read: list[float | None], evaluated: int, needed: int) -> bool:
        present = [value for value in read if value is not None]
        breaching = sum(value < self.properties["Threshold"] for value in present[:evaluated])
        missing = max(evaluated - len(present), 0)
        treated_as_breaching = {"breaching": True, "notBreaching": False}[self.properties["TreatMissingData"]]
        return breaching + missing * treated_as_breaching >= needed
