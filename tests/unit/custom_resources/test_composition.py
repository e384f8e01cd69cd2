import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from tests.support import ROOT, load_function

composition: ModuleType = load_function("custom_resources", "composition")["composition"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small `quicksight/` whose one data set a test changes."""
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "menulens.json").write_text("{}")
    for folder in ("parts", "data_sets"):
        (tmp_path / folder).mkdir()
    return tmp_path


def compose(root: Path, parts: Mapping[str, object], value: object) -> object:
    for name, content in parts.items():
        (root / "parts" / f"{name}.json").write_text(json.dumps(content))
    (root / "data_sets" / "one.json").write_text(json.dumps(value))
    return composition.load(root).data_sets["one"]


def test_an_argument_alone_keeps_its_type_and_within_text_becomes_text(root: Path) -> None:
    parts = {"size": {"Rows": "@{rows}", "Title": "the first @{rows} rows", "Columns": "@{columns}"}}
    made = compose(root, parts, {"Size": {"part": "size", "rows": 5, "columns": [{"Name": "a"}]}})
    assert made == {"Size": {"Rows": 5, "Title": "the first 5 rows", "Columns": [{"Name": "a"}]}}


def test_a_part_uses_parts_and_a_list_adds_its_items(root: Path) -> None:
    parts = {
        "two": [{"part": "one", "name": "a"}, {"part": "one", "name": "@{last}"}],
        "one": {"Name": "@{name}"},
    }
    made = compose(root, parts, {"Items": [{"Name": "first"}, {"part": "two", "last": "c"}]})
    assert made == {"Items": [{"Name": "first"}, {"Name": "a"}, {"Name": "c"}]}


@pytest.mark.parametrize(
    ("parts", "use", "message"),
    [
        ({}, {"part": "gone"}, "there is no part 'gone'"),
        ({"a": {"part": "a"}}, {"part": "a"}, "part 'a' uses itself"),
        ({"a": {"Name": "@{name}"}}, {"part": "a"}, "part 'a' needs 'name'"),
        ({"a": {"Name": "b"}}, {"part": "a", "name": "c"}, "part 'a' takes no name"),
    ],
)
def test_a_mistake_is_named_with_its_file(
    root: Path, parts: dict[str, object], use: object, message: str
) -> None:
    with pytest.raises(composition.CompositionError) as caught:
        compose(root, parts, {"Item": use})
    assert str(caught.value) == f"data_sets/one.json: {message}"


def test_filling_reaches_every_string_and_leaves_the_rest() -> None:
    value = {"Name": "${stack}: visits", "Rows": [1, None, True, "$${From}"]}
    assert composition.fill(value, {"stack": "s"}) == {
        "Name": "s: visits",
        "Rows": [1, None, True, "${From}"],
    }
    with pytest.raises(composition.CompositionError, match="stack"):
        composition.fill(value, {})


def test_the_projects_own_definitions_compose_whole() -> None:
    made = composition.load(ROOT / "quicksight")
    text = json.dumps([made.data_sets, made.theme, made.dashboards])
    assert '"part"' not in text
    assert "@{" not in text
    assert made.dashboards["menu_insights"]["Definition"]["Sheets"]
