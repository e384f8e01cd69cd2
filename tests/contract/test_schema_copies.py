"""functions/transform/event.py is the schema; the API's model, the tables and the docs are copies of it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from tests.support import ROOT, load_function, source_template

# What API Gateway's models cannot say, or not as the transform does.
NOT_AT_THE_DOOR = {
    "currency": {"enum"},  # 155 codes; the API checks the length
    "properties": {"maxProperties", "additionalProperties", "propertyNames"},  # ignored by API Gateway
}
HIVE_TYPES = {
    "str": "string",
    "float": "double",
    "int": "int",
    "date": "date",
    "bool": "boolean",
    "datetime": "timestamp",
    "dict": "map<string,string>",
}


@pytest.fixture(scope="module")
def event() -> Any:
    return load_function("transform", "event")["event"]


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    template = source_template()
    return template["Resources"]["IngestApi"]["Properties"]["DefinitionBody"]["components"]["schemas"]


def defined(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return what a JSON schema says, without references, without null, without the default."""
    if "$ref" in schema:
        return defined(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    for option in schema.get("anyOf", []):
        if option.get("type") != "null":
            return defined(option, definitions)
    said = {name: value for name, value in schema.items() if name not in ("default", "title")}
    if "enum" in said:
        said = {"type": "string", "enum": sorted(value for value in said["enum"] if value is not None)}
    return said


def test_the_model_of_an_event_says_what_the_schema_says(event: Any, models: dict[str, Any]) -> None:
    definitions = msgspec.json.schema_components([event.Event], ref_template="#/{name}")[1]
    expected = definitions["Event"]["properties"]
    actual = models["Event"]["properties"]
    assert actual.keys() == expected.keys(), "template.yaml, model Event"
    assert models["Event"]["required"] == definitions["Event"]["required"]
    for name in expected:
        rules = defined(expected[name], definitions)
        rules = {rule: value for rule, value in rules.items() if rule not in NOT_AT_THE_DOOR.get(name, set())}
        if name == "currency":
            rules |= {"minLength": 3, "maxLength": 3}
        model = {rule: sorted(value) if rule == "enum" else value for rule, value in actual[name].items()}
        assert model == rules, name


def columns(table: str) -> list[tuple[str, str]]:
    statement = (ROOT / "athena" / "tables" / f"{table}.sql").read_text()
    statement = statement[statement.index("CREATE") : statement.index("PARTITIONED BY")]
    return re.findall(r"^  `(\w+)` (\S+)", statement, re.MULTILINE)


def hive_type(hint: Any) -> str | None:
    """Return the column type of a field: what its type names as `hive`, else that of its Python type."""
    if getattr(get_origin(hint), "__name__", "") == "Computed":
        (hint,) = get_args(hint)
    if isinstance(hint, UnionType) or get_origin(hint) is Union:  # something, or nothing
        hint = next(part for part in get_args(hint) if part not in (type(None), msgspec.UnsetType))
    hint = getattr(hint, "__value__", hint)
    for meta in getattr(hint, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.extra:
            return str(meta.extra["hive"])
    hint = getattr(hint, "__origin__", hint) if hasattr(hint, "__metadata__") else hint
    if get_origin(hint) is Literal:
        hint = type(get_args(hint)[0])
    hint = get_origin(hint) or hint
    return HIVE_TYPES.get(getattr(hint, "__name__", ""))


def fields(struct: Any) -> dict[str, str | None]:
    """Return the columns that a struct's fields are stored in."""
    hints = get_type_hints(struct, include_extras=True)
    return {name: hive_type(hint) for name, hint in hints.items()}


def test_the_columns_of_events_raw_are_the_fields(event: Any) -> None:
    stored = {name: kind for name, kind in fields(event.Row).items() if name not in event.NOT_STORED}
    assert dict(columns("events_raw")) == stored, "athena/tables/events_raw.sql"


def test_the_columns_of_rejected_events_are_the_fields(event: Any) -> None:
    stored = list(fields(event.RejectedEvent).items())
    assert list(columns("rejected_events")) == stored, "athena/tables/rejected_events.sql"


def test_the_view_of_events_shows_every_column_but_the_bot_flag(event: Any) -> None:
    view = (ROOT / "athena" / "views" / "events.sql").read_text()
    shown = re.search(r"^SELECT\n(.*?)^FROM", view, re.MULTILINE | re.DOTALL)
    assert shown is not None
    names = [line.rstrip(",").split()[-1] for line in shown[1].splitlines()]
    expected = [name for name, _ in columns("events_raw") if name != "is_bot"]
    assert names == expected, "athena/views/events.sql"


def test_money_of_the_table_is_cast_alike_wherever_it_is_read() -> None:
    exact = {"unit_price": "decimal(12,3)", "revenue": "decimal(15,3)"}
    readers = 0
    for path in (ROOT / "athena").glob("*/*.sql"):
        code = re.sub(r"--.*", "", path.read_text())
        if not re.search(r"FROM events_raw\b", code):
            continue
        for name, kind in exact.items():
            casts = re.findall(rf"CAST\((?:min\()?{name}\)? AS (decimal\(\d+,\d+\))\)", code)
            assert set(casts) == ({kind} if re.search(rf"\b{name}\b", code) else set()), (path.name, name)
            readers += len(casts)
    assert readers >= 3  # events, and visits, which reads deliveries


def documented(heading: str) -> list[str]:
    """Return the first column of the table under a heading of docs/events.md."""
    text = (ROOT / "docs" / "events.md").read_text()
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)`", section, re.MULTILINE)


def test_the_docs_list_every_field(event: Any) -> None:
    fields = [name for name in event.Event.__struct_fields__ if name != "createdAt"]
    stored, rejected = ([name for name, _ in columns(table)] for table in ("events_raw", "rejected_events"))
    assert documented("What a page sends") == fields, "docs/events.md, What a page sends"
    assert documented("What is stored") == stored, "docs/events.md, What is stored"
    assert documented("What is rejected") == rejected, "docs/events.md, What is rejected"


def test_the_docs_explain_every_reason() -> None:
    text = (ROOT / "docs" / "events.md").read_text().split("\n## Reasons\n")[1].split("\n## ")[0]
    reasons = load_function("transform", "reasons")["reasons"].Reason
    assert set(re.findall(r"^\| `([\w ]+)`", text, re.MULTILINE)) == set(reasons)


def test_the_docs_name_every_value(event: Any) -> None:
    text = (ROOT / "docs" / "events.md").read_text()
    for values in (event.EventType, event.Channel):
        for value in get_args(values.__value__):
            assert f"`{value}`" in text


@pytest.mark.parametrize(
    "function", ["transform", "visitor_key", "compaction", "replay", "custom_resources", "letter"]
)
def test_requirements_are_those_of_the_lock(function: str) -> None:
    lock = [
        # The machine's own, else the one that setting up has put beside Python.
        shutil.which("uv") or str(Path(sys.executable).with_name("uv")),
        "export",
        "--quiet",
        "--frozen",
        "--only-group",
        function,
        "--no-annotate",
        "--no-header",
    ]
    expected = subprocess.run(lock, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert (ROOT / "functions" / function / "requirements.txt").read_text() == expected
