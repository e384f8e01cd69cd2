"""A translation is read as it was written, and that of a definition by other processes too."""

from pathlib import Path

import pytest

from local.athena import translations
from local.athena.translations import Translation

SQL, DATABASE = "SELECT a FROM t", "shop"
TRANSLATION = Translation(
    'SELECT "a" FROM "shop"."t"', [("a", "INTEGER")], [(("shop", "t"), [("a", "INTEGER")])]
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without translations, and a process that knows none."""
    monkeypatch.setattr(translations, "_FOLDER", tmp_path / "translations")
    forget(monkeypatch)
    return tmp_path / "translations"


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "_memory", {})


def test_a_definition_is_known_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert translations.read(SQL, DATABASE) is None
    translations.write(SQL, DATABASE, TRANSLATION, is_definition=True)
    forget(monkeypatch)
    assert translations.read(SQL, DATABASE) == TRANSLATION
    assert translations.read(SQL, "another") is None
    assert translations.read(f"{SQL} ", DATABASE) is None


def test_another_query_is_known_to_this_process_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    translations.write(SQL, DATABASE, TRANSLATION, is_definition=False)
    assert translations.read(SQL, DATABASE) == TRANSLATION
    assert not folder.exists()
    forget(monkeypatch)
    assert translations.read(SQL, DATABASE) is None


def test_a_translation_by_other_code_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    translations.write(SQL, DATABASE, TRANSLATION, is_definition=True)
    forget(monkeypatch)
    monkeypatch.setattr(translations, "_code", lambda: "of the next version")
    assert translations.read(SQL, DATABASE) is None


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "_MOST", 2)
    for number in range(5):
        translations.write(f"SELECT {number}", DATABASE, TRANSLATION, is_definition=False)
        assert translations.read(f"SELECT {number}", DATABASE) == TRANSLATION
    assert len(translations._memory) <= 2
