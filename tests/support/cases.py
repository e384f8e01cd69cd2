"""Cases that went wrong in other trackers and pipelines: what is sent, and what the views must answer.

Each line of `tests/data/cases/events.jsonl` is a case: its name, `why`, the events that are `sent` in their
order, the `right` rows of questions to Athena, and what it `needs` beside a stack. `{menu}` is a menu of its
own, `{day}` yesterday on the restaurant's wall clock, since the API takes no old times, and `{weekday}` its
number.
"""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from local.stack import TIME_ZONE, LocalStack
from tests.support import ROOT
from tests.support.deployment import ask, eventually


class Case(NamedTuple):
    """A case; see above."""

    name: str
    menu: str
    sent: list[dict[str, Any]]
    right: dict[str, list[dict[str, str | None]]]
    needs: str | None


def cases(needs: str | None = None) -> dict[str, Case]:
    """Return by name the cases that need this, by default those that need nothing."""
    day = datetime.now(ZoneInfo(TIME_ZONE)).date() - timedelta(days=1)
    selected = {}
    for line in (ROOT / "tests" / "data" / "cases" / "events.jsonl").read_text().splitlines():
        name = json.loads(line)["case"]
        menu = f"case {name}"
        for placeholder, value in (("menu", menu), ("day", str(day)), ("weekday", str(day.isoweekday()))):
            line = line.replace(f"{{{placeholder}}}", value)
        case = json.loads(line)
        if case.get("needs") == needs:
            selected[name] = Case(name, menu, case["sent"], case["right"], needs)
    return selected


def check(stack: LocalStack, case: Case) -> None:
    """Wait until the events are stored, and fail unless every question has the right rows."""
    eventually(stack, f"SELECT 1 AS x FROM events_raw WHERE source_menu LIKE '{case.menu}%'", len(case.sent))
    assert {question: ask(stack, question) for question in case.right} == case.right
