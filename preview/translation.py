"""The translations of the page's texts: `preview/texts/` has a file for each language, by the English text.

The page looks a text up where it shows it (`static/texts.js`), so that all else is the same in each language.
"""

import re
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from preview.plan import Chart, ChoiceFilter, KeyFigure, MissingControl, Plan

STATIC = Path(__file__).parent / "static"
TEXTS = Path(__file__).parent / "texts"
ENGLISH = "en"
LANGUAGES = (ENGLISH, *sorted(path.stem for path in TEXTS.glob("*.toml")))
# What the page says of itself below its tiles: the one of make demo, and the one of ReportFunction.
PREVIEW = (
    "A preview: these definitions, drawn by Vega-Lite instead of Amazon QuickSight. Numbers, filters and"
    " calculated fields are computed as QuickSight documents them; fonts, spacing and interaction only come"
    " near."
)
OWNERS_PAGE = (
    "Written each night from the events that are stored, in the restaurant's time zone. The line above the"
    " tabs has the running day, which is not over. The page keeps its numbers to itself."
)
SAID = re.compile(r'\bsay\(\s*"((?:[^"\\]|\\.)*)"')  # in a script
MARKED = re.compile(r"<(\w+)[^>]* data-say>([^<$]+)</\1>")  # in the page


def translations(language: str) -> dict[str, str]:
    """Return the translations by the English text; none for English, whose texts stand for themselves."""
    if language == ENGLISH:
        return {}
    return tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))


def untranslated(plan: Plan, language: str) -> list[str]:
    """Return the texts of the page that a language lacks."""
    if language == ENGLISH:
        return []
    return sorted(shown_texts(plan) - translations(language).keys())


def shown_texts(plan: Plan) -> set[str]:
    """Return every text that the page can show but the data, of its definition, scripts and frame."""
    return {*_of_plan(plan), *_of_scripts(), PREVIEW, OWNERS_PAGE} - {""}


def _of_plan(plan: Plan) -> Iterator[str]:
    yield plan.name.removeprefix(f"{plan.stack}: ")
    for sheet in plan.sheets:
        yield from (sheet.name, sheet.title)
        yield from (control.title for control in sheet.controls if not isinstance(control, MissingControl))
        for visual in sheet.visuals:
            yield from (visual.title, visual.subtitle, visual.alt)
            if isinstance(visual, Chart):
                yield visual.legend_title
                for field in visual.fields:
                    yield from field.says
                    if not isinstance(visual, KeyFigure):  # which shows no labels
                        yield field.label
    for filter_ in plan.filters.values():
        if isinstance(filter_, ChoiceFilter):
            yield from filter_.says


def _of_scripts() -> Iterator[str]:
    for path in STATIC.glob("*.js"):
        yield from SAID.findall(path.read_text())
    for _, text in MARKED.findall((STATIC / "page.html").read_text()):
        yield unescape(text)
