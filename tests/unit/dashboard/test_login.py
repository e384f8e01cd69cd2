"""What stands in the dashboard's place for whoever has no session, in each language."""

import re
import tomllib

import pytest

from tests.support import ROOT, load_function

TEXTS = ROOT / "functions" / "dashboard" / "texts"
LANGUAGES = sorted(path.stem for path in TEXTS.glob("*.toml"))


def test_there_are_the_languages_of_the_letter() -> None:
    assert load_function("letter", "language")["language"].LANGUAGES == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_each_text_and_no_other(language: str) -> None:
    english, texts = (
        tomllib.loads((TEXTS / f"{code}.toml").read_text(encoding="utf-8")) for code in ("en", language)
    )
    assert texts.keys() == english.keys()
    assert all(texts.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_names_its_language_and_leaves_no_mark(language: str) -> None:
    pages = load_function("dashboard", "login")["login"].Pages(language)
    for page in (pages.login, pages.not_yet):
        assert f'<html lang="{language}">' in page
        assert not re.search(r"\$\w", page)


def test_the_script_is_the_same_in_each_language_and_is_allowed_by_its_hash() -> None:
    """A Content-Security-Policy with a hash lets this script run and no other.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/script-src
    """
    pages = load_function("dashboard", "login")["login"].Pages
    sources = {pages(language).source("script") for language in LANGUAGES}
    assert len(sources) == 1
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", sources.pop())
