"""The dashboard's page in other languages: all that it says is translated, figures and days too."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from functions.report.shell import compressed
from preview.page import script_json
from preview.translation import LANGUAGES, OWNERS_PAGE, PREVIEW, shown_texts, translations
from tests.support.accessibility import faults
from tests.support.browser import needs_chromium
from tests.support.dashboard_page import SHEETS, opened, show
from tests.support.dashboard_rows import dashboard, tables

pytestmark = needs_chromium

# Everything that the page shows: texts, and what is read out or shown as a tooltip.
SHOWN = """() => [...document.querySelectorAll('body *')].flatMap((node) =>
    ['SCRIPT', 'STYLE'].includes(node.tagName) ? [] : [
        ...[...node.childNodes].filter(({nodeType}) => nodeType === 3).map(({data}) => data),
        ...['aria-label', 'title', 'data-lost'].map((name) => node.getAttribute(name) ?? ''),
    ]).concat(document.title)"""
# What Vega says of a chart's parts by itself, in English; `description` of the whole chart is the page's.
OF_VEGA = re.compile(
    r"^(X-axis|Y-axis|Title text|Symbol legend|Gradient legend|x: |y: |left: |right: |place: |z: )"
)


def write(folder: Path, language: str, texts: dict[str, str], footer: str = PREVIEW, **data: Any) -> str:
    """Write the page with invented rows and the line of the running day; return its address."""
    page = dashboard(tables())
    today = {
        "as_of": "2026-11-22T18:10:00",
        "rows": [
            {"currency": "EUR", "visits": 5, "orders": 2, "revenue": 1},
            {"currency": None, "visits": 2, "orders": 1, "revenue": 2.5},
        ],
    }
    path = folder / f"{language}.html"
    html = page.html(compressed(page.data() | data), json.dumps(today), footer, language, script_json(texts))
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


def names() -> set[str]:
    """Return the texts of the rows, which the page shows as they are."""
    rows = [row for view in tables().values() for row in view]
    return {str(value) for row in rows for value in row.values()}


def without(text: str, known: list[str]) -> str:
    """Return a text without translations and names; a chart shows the start of a long name."""
    if text.endswith("…") and any(name.startswith(text[:-1]) for name in known):
        return ""
    while (rest := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = rest
    for name in known:
        text = text.replace(name, "")
    return text


@pytest.mark.parametrize("footer", [PREVIEW, OWNERS_PAGE])
def test_nothing_that_the_page_shows_lacks_a_translation(
    browser: Browser, tmp_path: Path, footer: str
) -> None:
    """Each translation is the English text in brackets, and days are Japanese: other letters are a fault."""
    page_texts = shown_texts(dashboard({}).plan)
    url = write(tmp_path, "ja", {text: f"⟦{text}⟧" for text in page_texts}, footer, **{"from": "2026-01-01"})
    known = sorted({*names(), "a <b>stack</b>", "UTC", "EUR", "CHF", "MenuLens"}, key=len, reverse=True)
    english = set()
    with opened(browser, url) as page:
        for sheet in range(len(SHEETS)):
            page.get_by_role("tab").nth(sheet).click()
            expect(page.locator(".plot:empty")).to_have_count(0)
            for summary in page.locator(".control.choice summary").all():
                summary.click()
            shown = [text for text in page.evaluate(SHOWN) if not OF_VEGA.match(text)]
            english |= {text for text in shown if re.search("[A-Za-z]", without(text, known))}
            shown = [*shown, *tooltips(page)]
    assert english == set()


def tooltips(page: Page) -> list[str]:
    """Return the texts of the first tooltip of each chart of the sheet."""
    texts = []
    for plot in page.locator(".plot").all():
        marks = plot.locator("svg .mark-rect path[d], svg .mark-symbol path[d]")
        if not marks.count():
            continue
        marks.first.hover(force=True)
        texts += page.locator("#vg-tooltip-element").all_inner_texts()
    return texts


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_the_page_is_in_its_language(browser: Browser, tmp_path: Path, language: str) -> None:
    texts = translations(language)
    with opened(browser, write(tmp_path, language, texts)) as page:
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("h1").inner_text() == texts["Menu insights"]
        for sheet in SHEETS:
            show(page, texts[sheet])
            expect(page.locator(".plot:empty")).to_have_count(0)
            assert faults(page) == {}


def test_figures_and_days_are_the_languages(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, write(tmp_path, "de", translations("de"))) as page:
        assert page.locator("#today").inner_text() == (
            "So., 22. Nov. 2026, gespeichert bis 18:10: Besuche 7 · Bestellungen 3 · 1,00\u00a0€ · 2,50"
        )
        tile = page.get_by_role("region", name="Besuche mit Bestellung")
        expect(tile.locator(".figure")).to_have_text("40,0\u00a0%")
        expect(tile).to_contain_text("+15,0 Punkte gegenüber 25,0\u00a0%")
        expect(page.get_by_role("region", name="Wie weit kommen Besuche?")).to_contain_text("Karte geöffnet")
        show(page, "Nachfrage")
        expect(page.get_by_role("region", name="Wo öffnen sie die Karte?")).to_contain_text("QR-Code")
        show(page, "Datenqualität")
        axis = page.get_by_role("region", name="Wie spät kommen Ereignisse an?").locator("svg")
        expect(axis).to_contain_text("Sekunden")


def test_a_text_without_a_translation_stays_english_and_the_console_says_so(
    browser: Browser, tmp_path: Path
) -> None:
    texts = translations("de")
    del texts["Revenue"]
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(write(tmp_path, "de", texts))
    page.locator(".tile").first.wait_for()
    expect(page.locator("#visual-revenue-title")).to_have_text("Revenue")
    assert "no translation: Revenue" in said
    page.close()
