"""The custom resources' entry point and the order of definitions, without any AWS.

The rest runs on the local stack.
"""

import csv
import json
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from demo.menu import RESTAURANTS
from local.trino import translation as trino
from tests.support import CONTEXT, ROOT, load_function

VALUES = {
    "database": "d",
    "bucket": "b",
    "time_zone": "Europe/Rome",
    "event_months": "26",
    "rejected_months": "5",
}


class CloudFormation(HTTPServer):
    """Takes answers as S3 does behind CloudFormation's presigned URL; fails the first `failures` of them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answers: list[dict[str, Any]] = []
        self.failures = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/answer?signature=x"


class _Answer(BaseHTTPRequestHandler):
    server: CloudFormation

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refuse = self.headers["Content-Type"] != "" or self.server.failures > 0
        self.server.failures -= 1
        if not refuse:
            self.server.answers.append(json.loads(body))
        self.send_response(503 if refuse else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    with CloudFormation() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def request(cloudformation: CloudFormation, request_type: str = "Create") -> dict[str, Any]:
    event = json.loads((ROOT / "events" / f"custom_resources_{request_type.lower()}.json").read_text())
    return event | {"ResponseURL": cloudformation.url}


def test_success_is_answered(monkeypatch: pytest.MonkeyPatch, cloudformation: CloudFormation) -> None:
    app = load_function("custom_resources", "app")["app"]
    monkeypatch.setattr(app, "_serve", lambda event, seconds: None)
    event = request(cloudformation)
    answer = app.handler(event, CONTEXT)
    assert cloudformation.answers == [answer]
    assert answer["Status"] == "SUCCESS"
    assert {name: answer[name] for name in ("StackId", "RequestId", "LogicalResourceId")} == {
        name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")
    }


def test_an_error_is_answered_with_its_text(
    monkeypatch: pytest.MonkeyPatch, cloudformation: CloudFormation
) -> None:
    app = load_function("custom_resources", "app")["app"]

    def fail(event: object, seconds: float) -> None:
        raise ValueError("line 1:8: Column 'x' cannot be resolved" + "!" * 5000)

    monkeypatch.setattr(app, "_serve", fail)
    app.handler(request(cloudformation), CONTEXT)
    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("line 1:8: Column 'x' cannot be resolved")
    assert len(json.dumps(answer)) < 4096


def test_a_broken_import_is_answered(monkeypatch: pytest.MonkeyPatch, cloudformation: CloudFormation) -> None:
    app = load_function("custom_resources", "app")["app"]
    monkeypatch.setitem(sys.modules, "athena_definitions", None)
    app.handler(request(cloudformation), CONTEXT)
    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "athena_definitions" in answer["Reason"]


def test_an_answer_that_does_not_arrive_is_sent_again(
    monkeypatch: pytest.MonkeyPatch, cloudformation: CloudFormation
) -> None:
    app = load_function("custom_resources", "app")["app"]
    monkeypatch.setattr(app, "_serve", lambda event, seconds: None)
    monkeypatch.setattr(app.time, "sleep", lambda seconds: None)
    cloudformation.failures = 4
    app.handler(request(cloudformation, "Delete"), CONTEXT)
    assert len(cloudformation.answers) == 1
    cloudformation.failures = 5
    assert app.handler(request(cloudformation, "Delete"), CONTEXT)["Status"] == "SUCCESS"
    assert len(cloudformation.answers) == 1


def test_the_id_of_the_resource_never_changes(
    monkeypatch: pytest.MonkeyPatch, cloudformation: CloudFormation
) -> None:
    app = load_function("custom_resources", "app")["app"]
    monkeypatch.setattr(app, "_serve", lambda event, seconds: None)
    for request_type in ("Create", "Update", "Delete"):
        app.handler(request(cloudformation, request_type), CONTEXT)
    assert len({answer["PhysicalResourceId"] for answer in cloudformation.answers}) == 1


def test_definitions_come_after_what_they_read(tmp_path: Path) -> None:
    definitions = load_function("custom_resources", "athena_definitions")["athena_definitions"]
    files = {
        "tables/z.sql": "CREATE EXTERNAL TABLE `${database}`.`z` (a int) LOCATION 's3://${bucket}/z/'",
        "views/a.sql": "-- from c\nCREATE OR REPLACE VIEW a AS SELECT 'it costs $$1' FROM b JOIN z ON true",
        "views/b.sql": "CREATE OR REPLACE VIEW b AS SELECT a FROM z",
        "views/c.sql": "CREATE OR REPLACE VIEW c AS SELECT * FROM a",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    loaded = definitions.load(tmp_path, VALUES)
    assert [definition.name for definition in loaded] == ["z", "b", "a", "c"]
    assert loaded[0].statement == "CREATE EXTERNAL TABLE `d`.`z` (a int) LOCATION 's3://b/z/'"
    assert "it costs $1" in loaded[2].statement


@pytest.mark.parametrize(
    ("statement", "hive", "sent"),
    [
        ("-- a\n--\n\nSELECT 1 -- b\n  -- c\nFROM t", False, "\nSELECT 1\nFROM t"),
        ("/* a\n b */ SELECT '--', \"/*\" /* c */ FROM t", False, " SELECT '--', \"/*\"  FROM t"),
        (r"SELECT 'a\' -- b", False, r"SELECT 'a\'"),
        ("SELECT 'it''s -- not'", False, "SELECT 'it''s -- not'"),
        (r"-- a" + "\n" + r"CREATE EXTERNAL TABLE `--` (a int COMMENT 'it\'s -- b')", True,
         r"CREATE EXTERNAL TABLE `--` (a int COMMENT 'it\'s -- b')"),
        ("SELECT 5 - 1 / 2 * 3", False, "SELECT 5 - 1 / 2 * 3"),
    ],
)  # fmt: skip
def test_comments_are_not_sent(statement: str, hive: bool, sent: str) -> None:
    comments = load_function("custom_resources", "comments")["comments"]
    assert comments.without_comments(statement, hive=hive) == sent


def test_an_unknown_placeholder_is_an_error(tmp_path: Path) -> None:
    definitions = load_function("custom_resources", "athena_definitions")["athena_definitions"]
    (tmp_path / "views").mkdir()
    (tmp_path / "views" / "v.sql").write_text("SELECT ${unknown}")
    with pytest.raises(KeyError, match="unknown"):
        definitions.load(tmp_path, VALUES)


def test_every_definition_is_named_after_its_file() -> None:
    definitions = load_function("custom_resources", "athena_definitions")["athena_definitions"]
    for definition in definitions.load(ROOT / "athena", VALUES):
        kind = "EXTERNAL TABLE `d`.`{}`" if "/tables/" in definition.file else "OR REPLACE VIEW {} "
        assert f"CREATE {kind.format(definition.name)}" in definition.statement


HEADER = "source_menu,element,display_name,category,price\n"


def statement(folder: Path, text: str | bytes) -> str:
    reference = load_function("custom_resources", "reference")["reference"]
    path = folder / "menu_items.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(reference.statement(path))


def test_the_menu_becomes_a_view(tmp_path: Path) -> None:
    lines = 'roma,pizza_1,"Margherita, ""vera""",Pizza,10.5\n\n ,water,  Water ,,3\n'
    lines += "zoe,tart,Chef's tart; -- from x,,\n"
    sql = statement(tmp_path, "\N{BYTE ORDER MARK}" + HEADER + lines)
    with trino.connect() as database:
        query = sql.partition("VIEW menu_items AS\n")[2]
        found = database.execute(trino.translate(trino.parse(query), database)).fetchall()
    assert found == [
        ("roma", "pizza_1", 'Margherita, "vera"', "Pizza", Decimal("10.50")),
        (None, "water", "Water", None, Decimal("3.00")),
        ("zoe", "tart", "Chef's tart; -- from x", None, None),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Pizza\N{NO-BREAK SPACE}speciale",
        "12\N{NARROW NO-BREAK SPACE}oz steak",
        "\N{MAN}\N{ZERO WIDTH JOINER}\N{COOKING} of the day",
        "\N{WAVING BLACK FLAG}\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f whisky",
        "حمص\N{RIGHT-TO-LEFT MARK} (قطعتان)",
        "Donau\N{SOFT HYPHEN}dampfnudel",
    ],
)
def test_names_of_every_script_are_names(tmp_path: Path, name: str) -> None:
    assert f"'{name}'" in statement(tmp_path, f"{HEADER}roma,a,{name},,1\n")


def test_an_empty_menu_is_no_error(tmp_path: Path) -> None:
    query = statement(tmp_path, HEADER).partition("VIEW menu_items AS\n")[2]
    with trino.connect() as database:
        assert database.execute(trino.translate(trino.parse(query), database)).fetchall() == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the header must be source_menu,element,display_name,category,price"),
        ("element,name\n", "line 1: the header must be"),
        (HEADER + "roma,pizza_1,Margherita,Pizza\n", "line 2: 4 fields instead of 5"),
        (HEADER + "roma,a,A,,1\n\nroma,b,B,,1,50\n", "line 4: 6 fields instead of 5"),
        (HEADER + "roma,,Margherita,Pizza,10\n", "line 2: element is empty"),
        (HEADER + "roma,pizza_1,,Pizza,10\n", "line 2: display_name is empty"),
        (HEADER + "roma,pizza_1,A,Pizza,ten\n", "line 2: price is ten"),
        (HEADER + "roma,pizza_1,A,Pizza,-1\n", "line 2: price is -1"),
        (HEADER + "roma,pizza_1,A,Pizza,1.0005\n", "line 2: price is 1.0005"),
        (HEADER + "roma,pizza_1," + "x" * 129 + ",Pizza,1\n", "line 2: display_name is longer than 128"),
        (HEADER + 'roma,pizza_1,"two\nlines",Pizza,1\n', "line 2: display_name holds a line break"),
        (HEADER + "roma,a,A\u202eB,,1\n", r"line 2: display_name holds RIGHT-TO-LEFT OVERRIDE \(U\+202E\)"),
        (HEADER + "roma,a\u200b,A,,1\n", r"line 2: element holds ZERO WIDTH SPACE \(U\+200B\)"),
        (HEADER + "roma,a,A\x07,,1\n", r"line 2: display_name holds a control character \(U\+0007\)"),
        (HEADER.replace(",", ";") + "roma;a;A;;1\n", "line 1: the fields are separated by semicolons"),
        (HEADER.replace(",", "\t"), "line 1: the fields are separated by tabs"),
        (HEADER + "roma,a,A,,1\nroma;b;B;;1\n", "line 3: 1 fields instead of 5: separate them by commas"),
        ((HEADER + "roma,a,A,,1\n").encode("utf-16"), "line 1: the file is in UTF-16: save it as UTF-8"),
        ((HEADER + "roma,a,A,,1\n").encode("utf-16-le"), "line 1: the file is in UTF-16: save it as UTF-8"),
        (HEADER + 'roma,a,A,,1\nroma,pizza_1,"open,Pizza,1\n', "line 3"),
        (HEADER + 'roma,a,"A"B,,1\n', "line 2"),
        (
            (HEADER + "roma,a,A,,1\r\nroma,b,Café,,1\n").encode("latin-1"),
            "line 3: the file is not in UTF-8, but seems to be in Latin-1 or Windows-1252, where this is a é",
        ),
        (HEADER + "roma,a,A,,1\nzoe,a,A,,1\nroma,a,B,,2\n", "line 4: a is listed in line 2 already"),
        (HEADER + "roma,a,A,,1\n,a,A,,1\n", "line 3: a is listed in line 2 already"),
        (HEADER + ",a,A,,1\nroma,a,A,,1\n", "line 3: a is listed in line 2 already"),
        (HEADER + "".join(f"roma,dish-{n},{'x' * 100},,1\n" for n in range(3000)), "3000 dishes are more"),
    ],
)
def test_a_malformed_menu_is_refused_with_the_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        statement(tmp_path, text)


def test_a_malformed_menu_is_named(tmp_path: Path) -> None:
    definitions = load_function("custom_resources", "athena_definitions")["athena_definitions"]
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "menu_items.csv").write_text(HEADER + "roma,pizza_1\n")
    with pytest.raises(
        definitions.StatementError, match=r"athena/reference/menu_items\.csv, line 2: 2 fields instead of 5"
    ):
        definitions.load(tmp_path, VALUES)


def test_the_menus_of_the_simulated_restaurants_are_whole_where_they_are_listed() -> None:
    """Owners replace them by their own; then the demo shows the elements in the place of names."""
    with (ROOT / "athena" / "reference" / "menu_items.csv").open(newline="") as file:
        listed = {(row["source_menu"], row["element"], row["price"]) for row in csv.DictReader(file)}
    for restaurant in RESTAURANTS:
        menu = {(restaurant.source_menu, dish.element, f"{dish.price:.2f}") for dish in restaurant.dishes}
        assert {dish for dish in listed if dish[0] == restaurant.source_menu} in (set(), menu)
