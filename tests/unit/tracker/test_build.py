"""The minified script is made of its source, small enough, and as the docs and the custom resource say."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, load_function
from tracker import build


def test_the_minified_script_is_that_of_the_source() -> None:
    assert build.MINIFIED.read_text() == build.minified(), "run `make build` and commit what it makes"


def test_the_script_stays_in_its_budget() -> None:
    size = build.compressed_size(build.MINIFIED.read_text())
    assert size <= build.BUDGET == 2640
    assert f"| **MenuLens** | **{size:,}** |" in (ROOT / "docs" / "tracker.md").read_text()


def test_a_script_over_the_budget_fails_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "MINIFIED", tmp_path / "dist" / "menulens.min.js")
    assert build.main() == 0
    assert re.search(r"\d+ bytes, \d+ compressed", capsys.readouterr().out)
    monkeypatch.setattr(build, "BUDGET", 1000)
    assert build.main() == 1


def test_the_docs_name_every_attribute() -> None:
    source = build.SOURCE.read_text()
    text = (ROOT / "docs" / "tracker.md").read_text()
    settings = set(re.findall(r"settings\.(\w+)", source))
    items = {name.lower() for name in re.findall(r"\bml([A-Z]\w+)", source)}
    documented = set(re.findall(r"^\| `data-([\w-]+)` \|", text, re.MULTILINE))
    settings = {re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name) for name in settings}
    assert documented == settings | {f"ml-{name}" for name in items}


class Bucket:
    """Stands in for S3 behind boto3."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}

    def put_object(self, **arguments: Any) -> None:
        self.objects[arguments["Key"]] = arguments


def test_each_version_of_the_script_gets_a_name_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker: Any = load_function("custom_resources", "tracker_script")["tracker_script"]
    bucket = Bucket()
    monkeypatch.setattr(tracker.boto3, "client", lambda _service: bucket)
    resource = tracker.TrackerScript({"Bucket": "scripts"}, 60)
    with pytest.raises(FileNotFoundError, match="no layer"):
        resource.serve("Create")
    monkeypatch.syspath_prepend(tmp_path)
    answers = []
    for text in (b"let a", b"let b"):
        (tmp_path / tracker.SCRIPT).write_bytes(text)
        answers.append(resource.serve("Update"))
        assert bucket.objects[answers[-1]["Key"]]["Body"] == text
        digest = base64.b64encode(hashlib.sha384(text).digest()).decode()
        assert answers[-1]["Integrity"] == f"sha384-{digest}"
    assert len(bucket.objects) == 2


def test_each_event_bears_the_version_of_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f'tracker:"{build.version()}"' in build.MINIFIED.read_text()
    source = tmp_path / "menulens.js"
    source.write_text(build.SOURCE.read_text() + "// changed")
    version = build.version()
    monkeypatch.setattr(build, "SOURCE", source)
    assert build.version() != version
    source.write_text("let nothing")
    with pytest.raises(ValueError, match="no single"):
        build.minified()
