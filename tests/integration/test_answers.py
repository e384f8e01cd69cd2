"""Every view and every saved query answers on the deployed stack, over weeks of simulated visits."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from demo.expected import expected_of
from demo.simulation import simulate
from demo.traffic import send
from local.stack import TIME_ZONE, LocalStack
from preview.queries import QueryError, query
from tests.support import ROOT
from tests.support.deployment import DeployedStack, ask, eventually, rolls_back

VIEWS = sorted(path.stem for path in (ROOT / "athena" / "views").glob("*.sql"))
QUERIES = sorted(path.stem for path in (ROOT / "athena" / "queries").glob("*.sql"))
# Those that the simulated visits fill. What is added must answer too, but may have no rows.
FILLED = {
    *(
        "data_quality",
        "demand_by_hour",
        "events",
        "hourly_demand",
        "item_performance",
        "items_ordered_together",
    ),
    *("menu_comparison", "menu_funnel", "orders", "rejected_by_reason", "running_day", "visitor_return"),
    *(
        "visits",
        "week_over_week",
        "best_sellers",
        "daily_takings",
        "data_health",
        "funnel",
        "looked_at_never_ordered",
    ),
    *("order_size", "ordered_together", "rejection_reasons", "rising_and_falling", "staffing"),
    *("languages", "sources", "languages_of_guests", "where_guests_come_from"),
    *("time_to_order", "week_by_week", "what_sells_where", "where_visits_end"),
}
DAYS = 23  # hold two complete weeks and more
NOW = datetime.now(ZoneInfo(TIME_ZONE))
# As the Athena console asks for them, and the command line.
PERIOD = [f"'{day.date()}'" for day in (NOW - timedelta(days=DAYS), NOW)]


@pytest.fixture(scope="module")
def project(packed_copy: Path) -> Path:
    return packed_copy


@pytest.fixture(scope="module")
def visits(stack: LocalStack) -> LocalStack:
    """The stack, with events in it."""
    requests = simulate(7, DAYS, NOW, visits_per_day=20)
    sent = send(requests, stack.local_url(stack.outputs()["EventsBatchUrl"]), progress=False)
    assert sent.failed == 0
    expected = expected_of(requests)
    stored = expected.unique + expected.repeats
    eventually(stack, f"SELECT 1 AS n FROM events_raw HAVING count(*) >= {stored}", 1)
    eventually(stack, f"SELECT 1 AS n FROM rejected_events HAVING count(*) >= {expected.rejected}", 1)
    return stack


@pytest.fixture(scope="module")
def saved(stack: LocalStack) -> dict[str, dict[str, str]]:
    """The saved queries of the workgroup, by name."""
    athena = stack.client("athena")
    ids = athena.list_named_queries(WorkGroup=stack.outputs()["WorkGroupName"])["NamedQueryIds"]
    return {q["Name"]: q for q in athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_answers(visits: LocalStack, view: str) -> None:
    assert ask(visits, f"SELECT * FROM {view} LIMIT 5") or view not in FILLED


@pytest.mark.parametrize("name", QUERIES)
def test_a_saved_query_answers(visits: LocalStack, saved: dict[str, dict[str, str]], name: str) -> None:
    text = (ROOT / "athena" / "queries" / f"{name}.sql").read_text()
    assert saved[name]["QueryString"] == text
    assert saved[name]["Database"] == visits.outputs()["DatabaseName"]
    assert saved[name]["Description"] == f"{text.splitlines()[0][3:]}? (athena/queries/{name}.sql)"
    answer = run(visits, text)
    rows = answer(PERIOD)
    if name not in FILLED:
        return  # without rows nothing is cast
    assert rows
    assert not answer(["'2026-01-01'", "'2026-01-02'"])  # the days are asked for, and nothing was then
    # A console's user who forgets the quotes is told, where a sum of numbers would find nothing.
    with pytest.raises(QueryError, match=r"(?i)cast"):
        answer([day.strip("'") for day in PERIOD])


def run(stack: LocalStack, sql: str) -> Callable[[list[str]], list[dict[str, str]]]:
    outputs = stack.outputs()
    names = outputs["DatabaseName"], outputs["WorkGroupName"]
    return lambda parameters: query(stack.client("athena"), sql, *names, parameters)


def test_no_query_is_saved_but_those_of_the_folder(saved: dict[str, dict[str, str]]) -> None:
    assert sorted(saved) == QUERIES


def test_the_command_line_asks_too(visits: LocalStack, saved: dict[str, dict[str, str]]) -> None:
    def aws(*arguments: str) -> Any:
        command = [str(Path(sys.executable).with_name("aws")), "athena", *arguments, "--output", "json"]
        process = subprocess.run(command, check=True, capture_output=True, env=visits.environment())
        return json.loads(process.stdout)

    outputs = visits.outputs()
    funnel = aws("get-named-query", "--named-query-id", saved["funnel"]["NamedQueryId"])["NamedQuery"]
    query_id = aws(
        "start-query-execution",
        *("--work-group", outputs["WorkGroupName"]),
        *("--query-execution-context", f"Database={outputs['DatabaseName']}"),
        *("--query-string", funnel["QueryString"]),
        *("--execution-parameters", *PERIOD),
    )["QueryExecutionId"]
    for _ in range(100):
        status = aws("get-query-execution", "--query-execution-id", query_id)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.1)
    assert status["State"] == "SUCCEEDED", status
    rows = aws("get-query-results", "--query-execution-id", query_id)["ResultSet"]["Rows"]
    assert [cell["VarCharValue"] for cell in rows[0]["Data"]][:3] == ["source_menu", "channel", "menu_views"]
    assert len(rows) > 1


def test_a_query_that_would_fail_rolls_the_deployment_back(
    stack: DeployedStack, project: Path, saved: dict[str, dict[str, str]]
) -> None:
    broken = project / "athena" / "queries" / "funnel.sql"
    broken.write_text(broken.read_text().replace("count_if(furthest_stage >= 2)", "count_if(step >= 2)", 1))
    (project / "athena" / "queries" / "order_size.sql").unlink()
    stack.build_layer("AthenaLayer", "athena")
    rolls_back(stack, "athena/queries/funnel.sql", "step")
    athena = stack.client("athena")
    left = athena.list_named_queries(WorkGroup=stack.outputs()["WorkGroupName"])["NamedQueryIds"]
    assert sorted(left) == sorted(query["NamedQueryId"] for query in saved.values())
