"""What ReportFunction makes of Athena's answers. Athena is a stand-in here, which proves nothing of AWS's."""

import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import load_function


class StandIn:
    """Stands in for boto3's client of Athena: answers with `pages` after the states."""

    def __init__(self, states: list[str], *pages: dict[str, Any], reason: str = "") -> None:
        self.states = states
        self.pages = pages
        self.reason = reason
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.error: ClientError | None = None

    def start_query_execution(self, **arguments: Any) -> dict[str, str]:
        self.calls.append(("start", arguments))
        if self.error:
            raise self.error
        return {"QueryExecutionId": "query-1"}

    def get_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        status = {"State": state} | ({"StateChangeReason": self.reason} if self.reason else {})
        return {"QueryExecution": {"Status": status}}

    def stop_query_execution(self, QueryExecutionId: str) -> None:
        self.calls.append(("stop", {"QueryExecutionId": QueryExecutionId}))

    def get_paginator(self, name: str) -> "StandIn":
        assert name == "get_query_results"
        return self

    def paginate(self, QueryExecutionId: str) -> tuple[dict[str, Any], ...]:
        assert QueryExecutionId == "query-1"
        return self.pages


def page(columns: dict[str, str], *rows: list[str | None]) -> dict[str, Any]:
    """Return a page of a result as GetQueryResults has it; a null is a cell without a value."""
    cells = [[{} if text is None else {"VarCharValue": text} for text in row] for row in rows]
    info = [{"Name": name, "Type": kind} for name, kind in columns.items()]
    return {
        "ResultSet": {"Rows": [{"Data": row} for row in cells], "ResultSetMetadata": {"ColumnInfo": info}}
    }


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds that are slept, all of which pass at once."""
    slept: list[float] = []
    begin = time.monotonic()
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(time, "monotonic", lambda: begin + sum(slept))
    return slept


def athena(client: StandIn, seconds: float = 60) -> Any:
    module = load_function("report", "athena_queries")["athena_queries"]
    return module.Athena(client, "menulens", "group", time.monotonic() + seconds)


def test_values_have_the_types_of_their_columns(pauses: list[float]) -> None:
    kinds = {
        "dish": "varchar",
        "visits": "bigint",
        "share": "double",
        "revenue": "decimal",
        "day": "date",
        "at": "timestamp",
        "is_open": "boolean",
        "tags": "array",
    }
    first = list(kinds)
    values = [
        "Soup",
        "12",
        "1.2E7",
        "12.340",
        "2026-03-29",
        "2026-03-29 03:00:00.000",
        "true",
        "[a, b]",
    ]
    client = StandIn(["SUCCEEDED"], page(kinds, [*first], [*values], [None] * 8))
    row, nulls = athena(client).ask("SELECT")
    assert row == {
        "dish": "Soup",
        "visits": 12,
        "share": 12_000_000.0,
        "revenue": Decimal("12.340"),
        "day": date(2026, 3, 29),
        "at": datetime(2026, 3, 29, 3),
        "is_open": True,
        "tags": "[a, b]",
    }
    assert nulls == dict.fromkeys(kinds)


def test_all_pages_are_read_and_only_the_first_has_a_heading(pauses: list[float]) -> None:
    kinds = {"element": "varchar"}
    client = StandIn(
        ["SUCCEEDED"], page(kinds, ["element"], ["a"]), page(kinds, ["element"], ["b"]), page(kinds)
    )
    assert [row["element"] for row in athena(client).ask("SELECT")] == ["a", "element", "b"]


def test_an_empty_text_is_not_a_null(pauses: list[float]) -> None:
    client = StandIn(["SUCCEEDED"], page({"item": "varchar"}, ["item"], [""], [None]))
    assert athena(client).ask("SELECT") == [{"item": ""}, {"item": None}]


def test_the_pauses_double_up_to_four_seconds(pauses: list[float]) -> None:
    client = StandIn(["QUEUED"] * 4 + ["RUNNING"] * 4 + ["SUCCEEDED"], page({"a": "integer"}, ["a"]))
    assert athena(client).ask("SELECT") == []
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 4, 4]


def test_what_is_not_done_at_the_deadline_is_stopped(pauses: list[float]) -> None:
    client = StandIn(["RUNNING"])
    module = load_function("report", "athena_queries")["athena_queries"]
    slow = module.Athena(client, "menulens", "group", time.monotonic() + 20)
    with pytest.raises(module.QueryError, match="has not finished query query-1 in time"):
        slow.ask("SELECT")
    assert 20 < sum(pauses) < 25
    assert client.calls[-1] == ("stop", {"QueryExecutionId": "query-1"})


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_failure_has_the_message_of_athena(state: str, pauses: list[float]) -> None:
    client = StandIn([state], reason="COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved")
    module = load_function("report", "athena_queries")["athena_queries"]
    with pytest.raises(module.QueryError, match="COLUMN_NOT_FOUND: line 1:8"):
        module.Athena(client, "menulens", "group").ask("SELECT x")


def test_a_statement_that_is_not_taken_has_the_message_of_athena(pauses: list[float]) -> None:
    client = StandIn(["SUCCEEDED"])
    error: Any = {"Error": {"Code": "TooManyRequestsException", "Message": "You have exceeded the limit"}}
    client.error = ClientError(error, "StartQueryExecution")
    module = load_function("report", "athena_queries")["athena_queries"]
    with pytest.raises(module.QueryError, match=r"^You have exceeded the limit$"):
        module.Athena(client, "menulens", "group").ask("SELECT 1")


def test_it_runs_in_the_database_and_the_workgroup_with_its_parameters(pauses: list[float]) -> None:
    client = StandIn(["SUCCEEDED"], page({"a": "integer"}, ["a"]))
    athena(client).ask("SELECT ?", ["DATE '2026-01-01'"])
    assert client.calls == [
        (
            "start",
            {
                "QueryString": "SELECT ?",
                "QueryExecutionContext": {"Database": "menulens"},
                "WorkGroup": "group",
                "ExecutionParameters": ["DATE '2026-01-01'"],
            },
        )
    ]
