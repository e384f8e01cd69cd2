"""The hooks' entry point and the order of definitions, without any AWS. The rest runs on the local stack."""

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support import CONTEXT, ROOT, load_function

VALUES = {"database": "d", "bucket": "b", "time_zone": "Europe/Rome"}


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
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def request(cloudformation: CloudFormation, request_type: str = "Create") -> dict[str, Any]:
    event = json.loads((ROOT / "events" / f"hooks_{request_type.lower()}.json").read_text())
    return event | {"ResponseURL": cloudformation.url}


def test_success_is_answered(monkeypatch: pytest.MonkeyPatch, cloudformation: CloudFormation) -> None:
    app = load_function("hooks", "app")["app"]
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
    app = load_function("hooks", "app")["app"]

    def fail(event: object, seconds: float) -> None:
        raise ValueError("line 1:8: Column 'x' cannot be resolved" + "!" * 5000)

    monkeypatch.setattr(app, "_serve", fail)
    app.handler(request(cloudformation), CONTEXT)
    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("line 1:8: Column 'x' cannot be resolved")
    assert len(json.dumps(answer)) < 4096


def test_a_broken_import_is_answered(monkeypatch: pytest.MonkeyPatch, cloudformation: CloudFormation) -> None:
    app = load_function("hooks", "app")["app"]
    monkeypatch.setitem(sys.modules, "definitions", None)
    app.handler(request(cloudformation), CONTEXT)
    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "definitions" in answer["Reason"]


def test_an_answer_that_does_not_arrive_is_sent_again(
    monkeypatch: pytest.MonkeyPatch, cloudformation: CloudFormation
) -> None:
    app = load_function("hooks", "app")["app"]
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
    app = load_function("hooks", "app")["app"]
    monkeypatch.setattr(app, "_serve", lambda event, seconds: None)
    for request_type in ("Create", "Update", "Delete"):
        app.handler(request(cloudformation, request_type), CONTEXT)
    assert len({answer["PhysicalResourceId"] for answer in cloudformation.answers}) == 1


def test_definitions_come_after_what_they_read(tmp_path: Path) -> None:
    definitions = load_function("hooks", "definitions")["definitions"]
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


def test_an_unknown_placeholder_is_an_error(tmp_path: Path) -> None:
    definitions = load_function("hooks", "definitions")["definitions"]
    (tmp_path / "views").mkdir()
    (tmp_path / "views" / "v.sql").write_text("SELECT ${unknown}")
    with pytest.raises(KeyError, match="unknown"):
        definitions.load(tmp_path, VALUES)


def test_every_definition_is_named_after_its_file() -> None:
    definitions = load_function("hooks", "definitions")["definitions"]
    for definition in definitions.load(ROOT / "athena", VALUES):
        kind = "EXTERNAL TABLE `d`.`{}`" if "/tables/" in definition.file else "OR REPLACE VIEW {} "
        assert f"CREATE {kind.format(definition.name)}" in definition.statement
