"""Every statement of athena/, accepted by checkers that know nothing of this project, and can refuse."""

import re

import pytest
import sqlglot
from sqlglot import exp

from local.athena.hive import check_comments
from local.trino.limits import STAGES
from tests.support import ROOT, statement_mutations
from tests.support.statements import files, hive_faults, is_hive, name_of, statements, trino_faults

DAYS = "-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'."


@pytest.mark.parametrize("name", [name_of(file) for file in files()])
def test_a_statement_is_accepted(name: str) -> None:
    statement = statements()[name]
    assert (hive_faults if is_hive(statement) else trino_faults)(statement) == []


@pytest.mark.parametrize("name", [name_of(file) for file in files() if file.parent.name != "queries"])
def test_ddl_has_no_comment(name: str) -> None:
    """Athena is reported to fail on them: see `check_comments`, which asks as Athena does when it is sent."""
    check_comments(statements()[name])


@pytest.mark.parametrize("error", statement_mutations.TRINO_ERRORS)
def test_an_error_in_a_query_is_found(error: str) -> None:
    assert trino_faults(statement_mutations.trino(error)) != []


@pytest.mark.parametrize("error", statement_mutations.HIVE_ERRORS)
def test_an_error_in_a_table_is_found_where_the_grammar_reaches(error: str) -> None:
    """The rest is for Hive itself: test_hive.py."""
    assert (hive_faults(statement_mutations.hive(error)) == []) == (error in statement_mutations.MILD)


def queries() -> dict[str, str]:
    return {name: text for name, text in statements().items() if name.startswith("queries/")}


def test_there_are_questions_enough() -> None:
    assert len(queries()) >= 10


@pytest.mark.parametrize("name", [name_of(file) for file in files() if file.parent.name == "queries"])
def test_a_saved_query_says_what_it_asks_and_takes_two_days(name: str) -> None:
    text = queries()[name]
    comment = re.match(r"(?:--.*\n)+", text)
    rules = f"athena/{name}: docs/answers.md, Add a saved query"
    assert comment is not None, rules
    lines = comment[0].splitlines()
    assert lines[1].startswith("-- How to read it: "), rules
    assert lines[-1] == DAYS, rules
    assert "?" not in comment[0], rules  # which Athena might count as a parameter
    code = text.removeprefix(comment[0])
    # In a WHERE clause only, which is where Athena takes them; a cast says what they are.
    assert re.findall(r"BETWEEN CAST\(\? AS date\) AND CAST\(\? AS date\)", code) != [], rules
    assert code.count("?") == 2, rules
    assert "--" not in code, rules
    assert all(len(line) <= 110 for line in text.splitlines()), rules


def test_the_docs_list_every_saved_query() -> None:
    text = (ROOT / "docs" / "answers.md").read_text().split("\n## Saved queries\n")[1]
    listed = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.MULTILINE))
    asked = {
        name[len("queries/") : -len(".sql")]: f"{sql.splitlines()[0][3:]}?" for name, sql in queries().items()
    }
    assert listed == asked, "docs/answers.md, Saved queries"


VIEWS = [name_of(file) for file in files() if file.parent.name == "views"]
# What can begin another stage of Trino's plan, because rows go to other workers. A join may move both sides.
MOVES = (
    (exp.Join, 2),
    (
        (exp.Select, exp.Table, exp.Unnest, exp.Group, exp.Distinct, exp.Window, exp.Order, exp.SetOperation),
        1,
    ),
)


def stages(name: str) -> int:
    """Count what can become a stage of a statement; Trino plans a WITH query each time it is named."""
    text = re.sub(r"CREATE OR REPLACE VIEW \w+ AS\n", "", statements()[name], count=1)
    tree = sqlglot.parse_one(text.replace("?", "'2026-11-01'"), dialect="trino")
    assert isinstance(tree, exp.Query)
    queries = {cte.alias: cte.this for cte in tree.ctes}

    def count(query: exp.Expr) -> int:
        total = 0
        for node in query.walk(prune=lambda node: isinstance(node, exp.With)):
            total += next((moves for kind, moves in MOVES if isinstance(node, kind)), 0)
            if isinstance(node, exp.Table):
                total += count(queries[node.name]) if node.name in queries else of_view(node.name)
        return total

    return count(tree)


def of_view(name: str) -> int:
    return stages(f"views/{name}.sql") if f"views/{name}.sql" in VIEWS else 0


@pytest.mark.parametrize(
    "name", [name_of(file) for file in files() if file.parent.name in ("views", "queries")]
)
def test_a_statement_has_fewer_stages_than_trino_allows(name: str) -> None:
    """Trino's PlanFragmenter: "Number of stages in the query exceeds the allowed maximum"; views add up."""
    least = 1 if name == "views/running_day.sql" else 2  # which reads nothing
    assert least <= stages(name) <= STAGES


def test_the_stages_of_a_view_count_where_it_is_named() -> None:
    assert stages("views/demand_by_hour.sql") > stages("views/hourly_demand.sql") > stages("views/visits.sql")
