"""NoEvents sees opening hours only: the template's schedules and alarm, over both changes of the clock.

The emulator's CloudFormation engine resolves the template's functions. The module `cloudwatch` names the
pages behind its simulation. Without LanguageExtensions, Fn::FindInMap takes nothing but Ref and itself:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-findinmap.html
"""

import itertools
import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ministack.services.cloudformation import engine

from tests.support import source_template
from tests.support.cloudwatch import DAYS, MINUTE, Alarm, cron_times

SCHEDULES = ("OpeningHoursBeforeMidnight", "OpeningHoursAfterMidnight")
EVERY_DAY = ",".join(DAYS)
LUNCH_AND_DINNER = {"OpeningHour": "11", "ClosingHour": "02", "BreakFromHour": "14", "BreakUntilHour": "18"}
# The clock changes at 02:00 and 03:00 in Rome, at midnight in Santiago and never in Tokyo.
# Where an hour comes twice, a schedule is called in the first or the second (fold).
WEEKS = [
    ("Europe/Rome", date(2026, 3, 23), 0),
    ("Europe/Rome", date(2026, 10, 19), 0),
    ("Europe/Rome", date(2026, 10, 19), 1),
    ("America/Santiago", date(2026, 3, 30), 0),
    ("America/Santiago", date(2026, 3, 30), 1),
    ("America/Santiago", date(2026, 8, 31), 0),
    ("Asia/Tokyo", date(2026, 5, 4), 0),
]
HOURS: list[dict[str, str]] = [
    LUNCH_AND_DINNER | {"OpeningDays": EVERY_DAY},
    LUNCH_AND_DINNER | {"OpeningDays": "FRI,SAT,SUN"},
    {"OpeningHour": "22", "ClosingHour": "05", "OpeningDays": "SAT,SUN"},
    {"OpeningHour": "23", "ClosingHour": "01", "OpeningDays": "TUE,SUN"},
    {"OpeningHour": "05", "ClosingHour": "05", "OpeningDays": EVERY_DAY},
    {"OpeningHour": "09", "ClosingHour": "17", "OpeningDays": "MON,TUE,WED,THU,FRI"},
    {"OpeningHour": "18", "ClosingHour": "24", "OpeningDays": "SUN"},
]


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return source_template()


def deployed(template: dict[str, Any], **values: str) -> dict[str, Any]:
    """Return the properties of the schedules and the alarm as CloudFormation hands them to the services."""
    values = {"AlarmEmail": "owner@example.com"} | values
    parameters = engine._resolve_parameters(template, [{"Key": k, "Value": v} for k, v in values.items()])
    conditions = engine._evaluate_conditions(template, parameters)
    engine._evaluate_rules(template, parameters, conditions)
    rest = (parameters, conditions, template["Mappings"], "the-stack", "arn:of:the-stack")
    resources = template["Resources"]
    return {
        name: engine._resolve_refs(without_references(resources[name]["Properties"]), {}, *rest)
        for name in (*SCHEDULES, "NoEvents", "OpeningHoursRole")
        if conditions[resources[name]["Condition"]]
    }


def without_references(value: Any) -> Any:
    """Return a value in which what refers to another resource is a word."""
    if isinstance(value, dict):
        if "Fn::GetAtt" in value or value == {"Ref": "Alerts"}:
            return "another resource"
        return {key: without_references(part) for key, part in value.items()}
    return [without_references(part) for part in value] if isinstance(value, list) else value


def is_open(local: datetime, hours: dict[str, str]) -> bool:
    """Say what an owner means by the hours; a day lasts until 05:00 of the next."""
    day, hour = local.date(), local.hour
    if hour < 5:
        day, hour = day - timedelta(days=1), hour + 24
    closing = int(hours["ClosingHour"])
    closing += 24 if closing <= 5 else 0
    in_break = int(hours.get("BreakFromHour", 99)) <= hour < int(hours.get("BreakUntilHour", 99))
    opens = int(hours["OpeningHour"]) <= hour < closing
    return DAYS[day.weekday()] in hours["OpeningDays"].split(",") and opens and not in_break


def days_from(first: date) -> list[date]:
    return [first + timedelta(days=n) for n in range(11)]


class Restaurant:
    """Nine days around a change of the clock: when it is open, and which zeros its schedules put."""

    def __init__(
        self, template: dict[str, Any], zone: str, first: date, hours: dict[str, str], fold: int
    ) -> None:
        resources = deployed(template, TimeZone=zone, **hours)
        self.zone, self.hours = ZoneInfo(zone), hours
        self.start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        self.end = self.start + timedelta(days=9)
        self.zeros = {
            time
            for name in SCHEDULES
            if resources[name].get("State", "ENABLED") == "ENABLED"
            for time in cron_times(resources[name]["ScheduleExpression"], self.zone, days_from(first), fold)
        }
        self.alarm = Alarm(resources["NoEvents"])
        minutes = (self.start + n * MINUTE for n in range(int((self.end - self.start) / MINUTE)))
        self.open = [time for time in minutes if is_open(time.astimezone(self.zone), hours)]

    def on(self, events: set[datetime]) -> set[datetime]:
        """Return the minutes in which the alarm is on, if guests send something in these."""
        data = dict.fromkeys(self.zeros, 0.0) | dict.fromkeys(events, 1.0)
        return {time for time, on in self.alarm.states(data, self.start, self.end).items() if on}

    def twice(self, time: datetime) -> bool:
        """Say whether the local hour comes twice: the schedule is called in one of the two only."""
        local = time.astimezone(self.zone)
        return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


@pytest.mark.parametrize(("zone", "first", "fold"), WEEKS)
@pytest.mark.parametrize("hours", HOURS, ids=lambda hours: "-".join(hours.values()))
def test_zeros_are_put_within_opening_hours_and_in_all_of_them(
    template: dict[str, Any], zone: str, first: date, hours: dict[str, str], fold: int
) -> None:
    restaurant = Restaurant(template, zone, first, hours, fold)
    every_fifth = {time for time in restaurant.open if time.minute % 5 == 0}
    within = {
        time for time in restaurant.zeros if restaurant.start + timedelta(days=1) < time < restaurant.end
    }
    assert within <= every_fifth
    left_out = {
        time for time in every_fifth - restaurant.zeros if time > restaurant.start + timedelta(days=1)
    }
    assert all(restaurant.twice(time) for time in left_out)


@pytest.mark.parametrize(("zone", "first", "fold"), WEEKS)
@pytest.mark.parametrize("hours", HOURS[1:4], ids=lambda hours: "-".join(hours.values()))
def test_a_stack_that_was_never_sent_an_event_alarms_on_each_opening_day(
    template: dict[str, Any], zone: str, first: date, hours: dict[str, str], fold: int
) -> None:
    restaurant = Restaurant(template, zone, first, hours, fold)
    on = restaurant.on(set())
    opened = set(restaurant.open)
    for time in opened:
        hour = [time - n * MINUTE for n in range(61)]
        if all(minute in opened and not restaurant.twice(minute) for minute in hour):
            begun = time - restaurant.start > timedelta(days=1)
            assert time in on or not begun, f"{time} after an open hour without any event"
    assert all(any(time - n * MINUTE in opened for n in range(25)) for time in on), "on while it is closed"


@pytest.mark.parametrize(("zone", "first", "fold"), WEEKS)
def test_the_alarm_is_on_after_an_open_hour_without_an_event_and_never_else(
    template: dict[str, Any], zone: str, first: date, fold: int
) -> None:
    """Guests come at random, also while it is closed; a real hour's silence across closing time is none."""
    hours = LUNCH_AND_DINNER | {"OpeningDays": "WED,THU,FRI,SAT,SUN"}
    restaurant = Restaurant(template, zone, first, hours, fold)
    chance = random.Random(14)
    times = [restaurant.start]
    while times[-1] < restaurant.end:
        times.append(times[-1] + chance.randrange(1, 140) * MINUTE)
    events, on = set(times), restaurant.on(set(times))
    opened = set(restaurant.open)
    assert on
    for time in on:
        recent = [time - n * MINUTE for n in range(80)]
        silent = [minute for minute in recent if minute in opened]
        newest = silent[:56]
        assert len(newest) == 56, "less than an hour of opening"
        assert not any(newest[-1] < event <= newest[0] - 5 * MINUTE for event in events & opened)
    for time in opened:
        hour = [time - n * MINUTE for n in range(66)]
        if all(minute in opened and minute not in events and not restaurant.twice(minute) for minute in hour):
            assert time in on or time - restaurant.start < timedelta(days=1)


def test_an_event_before_closing_does_not_slide_out_of_an_hour(template: dict[str, Any]) -> None:
    """An alarm with a period of an hour and a zero at closing time would be on half an hour after it."""
    hours = {"OpeningHour": "09", "ClosingHour": "17", "OpeningDays": EVERY_DAY}
    restaurant = Restaurant(template, "Europe/Rome", date(2026, 10, 19), hours, 0)
    assert not restaurant.on({time for time in restaurant.open if time.minute == 20})


def test_the_zeros_go_where_the_alarm_looks(template: dict[str, Any]) -> None:
    resources = deployed(template, **LUNCH_AND_DINNER)
    alarm = resources["NoEvents"]
    (statement,) = resources["OpeningHoursRole"]["Policies"][0]["PolicyDocument"]["Statement"]
    for name in SCHEDULES:
        target = resources[name]["Target"]
        assert target["Arn"] == "arn:aws:scheduler:::aws-sdk:cloudwatch:putMetricData"
        put = json.loads(target["Input"])
        (metric,) = put["MetricData"]
        assert put["Namespace"] == alarm["Namespace"]
        assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": alarm["Namespace"]}}
        assert (metric["MetricName"], metric["Dimensions"]) == (alarm["MetricName"], alarm["Dimensions"])
        assert (metric["Value"], metric["Unit"]) == (0, "Count"), "the unit of the transform's"


def test_without_an_opening_hour_nothing_is_scheduled(template: dict[str, Any]) -> None:
    assert deployed(template) == {}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"OpeningHour": "9"}, "must be empty or a full hour with two digits"),
        ({"OpeningHour": "11:30"}, "must be empty or a full hour with two digits"),
        ({"OpeningHour": "04"}, "from 05 to 23"),
        ({"OpeningHour": "11", "ClosingHour": "26"}, "01 to 05 after midnight"),
        ({"OpeningHour": "18", "ClosingHour": "14"}, "ClosingHour is later than OpeningHour"),
        ({"OpeningHour": "22", "ClosingHour": "06"}, "ClosingHour is later than OpeningHour"),
        ({"OpeningHour": "18", "ClosingHour": "18"}, "ClosingHour is later than OpeningHour"),
        (LUNCH_AND_DINNER | {"BreakFromHour": "18"}, "from 08 to 16"),
        (LUNCH_AND_DINNER | {"BreakUntilHour": "14"}, "from 17 to 20"),
        (LUNCH_AND_DINNER | {"OpeningHour": "14"}, "BreakFromHour is later than OpeningHour"),
        (LUNCH_AND_DINNER | {"OpeningHour": "20"}, "BreakFromHour is later than OpeningHour"),
        (LUNCH_AND_DINNER | {"ClosingHour": "18"}, "ClosingHour is later than BreakUntilHour"),
        ({"OpeningHour": "11", "BreakFromHour": "14"}, "both a BreakFromHour and a BreakUntilHour"),
        ({"OpeningHour": "11", "BreakUntilHour": "18"}, "both a BreakFromHour and a BreakUntilHour"),
        ({"OpeningHour": "11", "OpeningDays": "MON-FRI"}, "days such as MON,TUE,SAT"),
        ({"OpeningHour": "11", "OpeningDays": "MON, TUE"}, "no spaces"),
    ],
)
def test_hours_that_are_none_are_refused_before_anything_is_made(
    template: dict[str, Any], values: dict[str, str], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        deployed(template, **values)


def test_hours_are_accepted_exactly_if_each_lies_after_the_one_before(template: dict[str, Any]) -> None:
    """No page says what the scheduler takes a range for that leads backwards, such as 18-13."""
    opening = [f"{hour:02}" for hour in range(5, 24)]
    closing = [f"{hour:02}" for hour in [*range(6, 25), *range(1, 6)]]
    breaks = [("none", "none"), *itertools.product(map("{:02}".format, range(8, 17)), ["17", "18", "20"])]
    for opens, closes, (break_from, break_until) in itertools.product(opening, closing, breaks):
        end = closes if closes > "05" else "29"
        times = [opens, end] if break_from == "none" else [opens, break_from, break_until, end]
        in_order = all(first < second for first, second in itertools.pairwise(times))
        values = {"OpeningHour": opens, "ClosingHour": closes}
        assert (
            accepted(template, values | {"BreakFromHour": break_from, "BreakUntilHour": break_until})
            == in_order
        )


def accepted(template: dict[str, Any], values: dict[str, str]) -> bool:
    parameters = engine._resolve_parameters(template, [{"Key": k, "Value": v} for k, v in values.items()])
    try:
        engine._evaluate_rules(template, parameters, {})
    except ValueError:
        return False
    return True


def test_mappings_are_looked_up_by_what_cloudformation_takes(template: dict[str, Any]) -> None:
    def look_ups(value: Any) -> list[Any]:
        if isinstance(value, dict):
            own = [value["Fn::FindInMap"]] if "Fn::FindInMap" in value else []
            return own + [look_up for part in value.values() for look_up in look_ups(part)]
        return [look_up for part in value for look_up in look_ups(part)] if isinstance(value, list) else []

    assert look_ups(template)
    for arguments in look_ups(template):
        for argument in arguments:
            assert isinstance(argument, str) or argument.keys() <= {"Ref", "Fn::FindInMap"}, argument


@pytest.mark.parametrize(("failing", "raised"), [("never", False), ("calls", True), ("errors", True)])
def test_a_visitor_key_that_is_not_replaced_raises_an_alarm(
    template: dict[str, Any], failing: str, raised: bool
) -> None:
    """The schedule calls every hour; a function that is not called, as with a wrong role, has no data."""
    alarm = template["Resources"]["VisitorKeyNotReplaced"]["Properties"]
    *metrics, expression = alarm["Metrics"]
    assert expression["Expression"] == "calls - errors"
    assert [metric["Id"] for metric in metrics] == ["calls", "errors"]
    names = [metric["MetricStat"]["Metric"]["MetricName"] for metric in metrics]
    assert names == ["Invocations", "Errors"]
    assert {(metric["MetricStat"]["Stat"], metric["MetricStat"]["Period"]) for metric in metrics} == {
        ("Sum", 3600)
    }
    start = datetime(2026, 11, 20, tzinfo=UTC)
    failed_from = start + timedelta(hours=12, minutes=30)
    calls = [start + timedelta(hours=n) for n in range(24)]
    successes = {time: 0.0 if failing == "errors" and time > failed_from else 1.0 for time in calls}
    if failing == "calls":
        successes = {time: value for time, value in successes.items() if time < failed_from}
    states = Alarm(alarm | {"Period": 3600}, more=0).states(successes, start, start + timedelta(hours=24))
    assert any(states.values()) == raised
    assert not any(on for time, on in states.items() if time < failed_from)
