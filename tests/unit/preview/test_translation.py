"""The page's texts in each language: none lacks, none is left over, and what is filled in stays."""

import re
from collections import Counter
from typing import Any

import pytest

from preview.expressions import parse, texts
from preview.translation import LANGUAGES, shown_texts, translations, untranslated
from tests.support import load_function
from tests.support.dashboard_rows import dashboard

PLAN = dashboard({}).plan
OTHERS = [language for language in LANGUAGES if language != "en"]
FILLED_IN = re.compile(r"\{\w+\}|<<\$\w+>>")


def test_the_page_has_the_languages_of_the_letter() -> None:
    assert sorted(LANGUAGES) == load_function("letter")["language"].LANGUAGES


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_each_text_and_no_other(language: str) -> None:
    lacking = untranslated(PLAN, language)
    assert lacking == [], f"preview/texts/{language}.toml lacks these"
    assert translations(language).keys() - shown_texts(PLAN) == set(), "no page shows these"
    assert "" not in translations(language).values()


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_in_what_the_english_text_does(language: str) -> None:
    for english, text in translations(language).items():
        assert Counter(FILLED_IN.findall(text)) == Counter(FILLED_IN.findall(english)), english


def test_a_text_that_is_added_is_named() -> None:
    changed = dashboard({}).plan
    changed.sheets[0].visuals[0].title = "A new question?"
    assert untranslated(changed, "de") == ["A new question?"]
    assert untranslated(changed, "en") == []


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("switch({a}, 'x', 'one', 'y', 'two', 'other')", ["one", "two", "other"]),
        ("switch({a}, 'x', 'one', 'y', 'two')", ["one", "two"]),
        ("ifelse({a} = 'x', 'one', {b} = 'y', 'two', {c})", ["one", "two"]),
        ("switch({a}, 'x', 'one', coalesce({a}, 'none'))", ["one", "none"]),
        ("concat({a}, ' + ', {b})", []),
        ("sum({a}) / 2", []),
        ("{a}", []),
    ],
)
def test_the_texts_of_a_calculated_field_are_those_that_it_becomes(expression: str, expected: Any) -> None:
    assert texts(parse(expression)) == expected
