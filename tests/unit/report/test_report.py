"""What the owner's page becomes when Athena fails, and when there are more rows than it has room for."""

import base64
import gzip
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support import load_function

NOW = datetime(2026, 10, 25, 4, 45, tzinfo=ZoneInfo("Europe/Rome"))
DAY = {"day": "DATETIME", "visits": "INTEGER"}
PAIRS = {"item_a": "STRING", "lift": "DECIMAL"}


@pytest.fixture
def modules(tmp_path: Path) -> dict[str, Any]:
    """The function's modules, and a small shell beside them."""
    modules = load_function("report", "shell", "report")
    shell = modules["shell"]
    (tmp_path / shell.SHELL_FILE).write_text(
        f"{shell.STACK} {shell.CURRENCY} <{shell.DATA}> {shell.TODAY} {shell.LANGUAGE} {shell.TEXTS}"
    )
    (tmp_path / shell.TEXTS_FILE).write_text(json.dumps({"de": '{"Day": "Tag"}'}))
    (tmp_path / shell.DATA_SETS_FILE).write_text(
        json.dumps({"visits": ["menu_comparison", DAY], "pairs": ["items_ordered_together", PAIRS]})
    )
    modules["made"] = shell.Shell(tmp_path, "menulens", "CHF", "de")
    return modules


def report(modules: dict[str, Any], answers: dict[str, Any]) -> Any:
    def ask(sql: str) -> Any:
        (rows,) = [rows for view, rows in answers.items() if view in sql]
        if isinstance(rows, Exception):
            raise rows
        return rows

    return modules["report"].Report(modules["made"], ask, NOW)


def data(page: str) -> dict[str, Any]:
    return dict(json.loads(gzip.decompress(base64.b64decode(page.partition("<")[2].partition(">")[0]))))


def visits(days: int) -> list[dict[str, Any]]:
    return [{"day": date(2026, 10, 24) - timedelta(days=n), "visits": n} for n in range(days)]


def test_the_shell_gets_the_stack_and_the_rows(modules: dict[str, Any]) -> None:
    answers = {"menu_comparison": visits(2), "items_ordered_together": [{"item_a": "<a>", "lift": 1.5}]}
    page, failed = report(modules, answers).page()
    assert failed == []
    assert page.startswith("menulens CHF <")
    assert modules["shell"].TODAY in page, "DashboardFunction fills it in"
    assert page.endswith(' de {"Day": "Tag"}')
    shown = data(page)
    assert (shown["now"], shown["time_zone"]) == ("2026-10-25T04:45:00", "Europe/Rome")
    assert shown["tables"]["visits"]["columns"]["visits"] == {"all": [0, 1]}
    assert shown["tables"]["pairs"]["columns"]["item_a"] == {"all": ["<a>"]}


def test_one_data_set_that_fails_is_named_and_logged(
    modules: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    answers = {"menu_comparison": visits(1), "items_ordered_together": ValueError("COLUMN_NOT_FOUND: lift")}
    page, failed = report(modules, answers).page()
    assert failed == data(page)["failed"] == ["pairs"]
    assert "items_ordered_together could not be read" in caplog.text
    assert "COLUMN_NOT_FOUND: lift" in caplog.text


def test_the_page_of_before_stays_if_nothing_can_be_read(modules: dict[str, Any]) -> None:
    answers = {"menu_comparison": ValueError("slow"), "items_ordered_together": ValueError("slow")}
    with pytest.raises(modules["report"].ReportError, match="page of before stays"):
        report(modules, answers).page()


def test_a_page_without_room_shows_its_last_days(
    modules: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda answers with 6 MB at most: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    limit = 2500
    monkeypatch.setattr(modules["report"], "LARGEST_ANSWER", limit)
    answers = {"menu_comparison": visits(3000), "items_ordered_together": [{"item_a": "a", "lift": 1.0}]}
    page, _ = report(modules, answers).page()
    assert len(json.dumps(page)) <= limit
    shown = data(page)
    days = shown["tables"]["visits"]["columns"]["day"]["all"]
    assert 100 < len(days) < 3000
    assert shown["from"] == datetime.fromtimestamp(min(days) / 1000, ZoneInfo("UTC")).date().isoformat()
    assert max(days) == 1_792_800_000_000
    assert shown["tables"]["pairs"]["length"] == 1


def test_a_page_that_never_fits_is_an_error(modules: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modules["report"], "LARGEST_ANSWER", 100)
    answers = {"menu_comparison": visits(10), "items_ordered_together": [{"item_a": "a", "lift": 1.0}]}
    with pytest.raises(modules["report"].ReportError, match="bytes without any day"):
        report(modules, answers).page()


def test_the_mark_of_the_running_day_and_the_files_have_one_name_in_both_functions(
    modules: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWNER_LANGUAGE", "en")
    dashboard = load_function("dashboard", "app")["app"]
    assert dashboard.TODAY == modules["shell"].TODAY
    assert (dashboard.PAGE_KEY, dashboard.TODAY_KEY) == (
        modules["report"].PAGE_KEY,
        modules["report"].TODAY_KEY,
    )
