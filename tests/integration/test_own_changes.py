"""What the docs tell owners to change, changed by the docs' own steps in a copy of the repository.

All changes are made in one copy, and what concerns them must pass there; then each copy of a fact is
forgotten, and the test that fails must name the file. Nothing is deployed: that a stack takes such changes is
tried by test_pipeline_changes.py and test_quicksight_stack.py.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support import own_changes as own
from tests.support.own_changes import Copy

pytestmark = pytest.mark.slow

type Steps = tuple[Callable[[Copy], None], ...]

# The section of the docs, and its steps in their order.
CHANGES: dict[tuple[str, str], Steps] = {
    ("docs/answers.md", "Give the dishes their names"): (own.dishes,),
    ("docs/events.md", "Add a field"): (
        own.field_in_the_schema,
        own.field_in_the_table,
        own.field_in_the_view,
        own.field_in_the_model,
        own.field_in_the_docs,
    ),
    ("docs/answers.md", "Add a view"): (own.view, own.answer_of_the_view),
    ("docs/answers.md", "Add a saved query"): (own.saved_query, own.row_of_the_saved_query),
    ("docs/dashboards.md", "Add a data set"): (own.data_set, own.declared_data_set),
    ("docs/dashboards.md", "Change or add a chart"): (
        own.chart("rainy", "visits", "weather"),
        own.chart("adjusted", "clock_adjusted", "arrivals"),
        own.titles_of_the_charts,
    ),
    ("docs/dashboards.md", "Change the colours"): (own.theme,),
    ("docs/operations.md", "Add an alarm"): (own.alarm, own.row_of_the_alarm),
}
SCHEMA = "tests/contract/test_schema_copies.py"
STATEMENTS = "tests/contract/test_athena_statements.py"
MONITORING = "tests/contract/test_monitoring.py"
DEFINITIONS = "tests/contract/test_quicksight_definitions.py"
TRANSLATION = "tests/unit/preview/test_translation.py"
COST = "tests/unit/tools/test_cost.py"
VIEWS = "tests/integration/test_views.py"
# The step that is forgotten, the tests that then fail, and what they name.
FORGOTTEN = [
    (own.field_in_the_table, SCHEMA, "athena/tables/events_raw.sql"),
    (own.field_in_the_view, SCHEMA, "athena/views/events.sql"),
    (own.field_in_the_model, SCHEMA, "template.yaml"),
    (own.field_in_the_docs, SCHEMA, "docs/events.md"),
    (own.answer_of_the_view, f"{VIEWS}::test_every_view_has_an_answer", "tests/data/views/"),
    (own.row_of_the_saved_query, f"{STATEMENTS}::test_the_docs_list_every_saved_query", "docs/answers.md"),
    (own.titles_of_the_charts, TRANSLATION, "preview/texts/de.toml"),
    (own.declared_data_set, DEFINITIONS, "there is no data set weather"),
    (own.row_of_the_alarm, MONITORING, "docs/operations.md"),
]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy with all changes."""
    copy = Copy(tmp_path_factory.mktemp("changed"))
    for steps in CHANGES.values():
        for step in steps:
            step(copy)
    return copy


def section(page: str, heading: str) -> str:
    """Return what a page says under a heading."""
    text = (ROOT / page).read_text()
    match = re.search(rf"^(#+) {heading}\n((?:.*\n)*?)(?=^#|\Z)", text, re.MULTILINE)
    assert match, f"{page} has no section {heading}"
    return match[2]


@pytest.mark.parametrize(("page", "heading"), CHANGES)
def test_the_docs_name_every_file_to_change(page: str, heading: str, tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    for steps in CHANGES.values():
        copy.touched.clear()
        for step in steps:
            step(copy)
        if steps == CHANGES[page, heading]:
            break
    text = section(page, heading)
    named = [re.sub(r"<\w+>", r"[^/]+", name) for name in re.findall(r"[\[`]([\w./<>]+)[\]`]", text)]
    named += [page] if "This page" in text else []
    unnamed = [name for name in copy.touched if not any(re.fullmatch(pattern, name) for pattern in named)]
    assert unnamed == []


@pytest.mark.parametrize(
    "tests",
    [
        (
            SCHEMA,
            STATEMENTS,
            MONITORING,
            "-k",
            "schema_copies or monitoring or weather or rainy or docs_list",
        ),
        ("tests/unit/replay/test_records.py", "tests/unit/custom_resources/test_app.py", COST),
        (DEFINITIONS, TRANSLATION, "tests/unit/preview/test_dashboard.py"),
        (VIEWS,),
        (
            "tests/integration/test_dashboard_page.py",
            "tests/integration/test_dashboard_figures.py",
            "-k",
            "every_visual or key_figures",
        ),
    ],
    ids=lambda tests: Path(tests[0]).stem,
)
def test_own_changes_keep_the_tests_green(changed: Copy, tests: tuple[str, ...]) -> None:
    code, output = changed.test(*tests)
    assert code == 0, output


def test_own_changes_pass_the_linters(changed: Copy) -> None:
    files = ("athena/views/visits_by_weather.sql", "athena/views/events.sql", "athena/queries/rainy_days.sql")
    for command in (
        ("sqlfluff", "lint", *files),
        ("ruff", "format", "--check", "functions/transform"),
        ("sam", "validate", "--lint"),
    ):
        code, output = changed.run(*command)
        assert code == 0, output


@pytest.mark.parametrize(
    ("step", "tests", "name"), FORGOTTEN, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_forgotten_step_is_named(
    step: Callable[[Copy], None], tests: str, name: str, tmp_path: Path
) -> None:
    copy = Copy(tmp_path)
    for steps in CHANGES.values():
        for other in steps:
            if other is not step:
                other(copy)
    code, output = copy.test("-x", "--tb=line", tests)
    assert code == 1, output
    assert name in output
