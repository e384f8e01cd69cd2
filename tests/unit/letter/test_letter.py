"""The letter's two parts: the same words in five languages, whatever menus and dishes are named."""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import ROOT, examples, load_function, source_template
from tests.support.letter import MONDAY, Page, dish, healthy, sale, weeks

LANGUAGES = ["de", "en", "es", "fr", "it"]
LINK = "https://eu-central-1.quicksight.aws.amazon.com/sn/dashboards/menulens_menu_insights?a=1&b=2"
MODULES = load_function("letter")
PAIR = {
    "source_menu": "trattoria",
    "item_a": "risotto",
    "item_b": "wine",
    "orders_together": 41,
    "lift": 2.31,
}


def written(code: str = "en", first_day: date = MONDAY, **given: Any) -> Any:
    """Return the content of a letter made of `sales`, `dishes`, `pairs` and `health`, to `dashboard`."""
    figures = MODULES["figures"].Figures.of_sales(first_day, given.get("sales", weeks(first_day, 9, 30, 60)))
    figures.add_dishes(given.get("dishes", [dish("risotto", 30, 10), dish("soup", 2, 9), dish("tripe")]))
    figures.add_pairs(given.get("pairs", [PAIR]))
    figures.add_health(given.get("health", healthy(first_day)))
    content = MODULES["content"]
    sender = content.Sender("menulens", "owner@example.com", "EUR", given.get("dashboard", LINK))
    return content.write(figures, MODULES["language"].Language(code), sender)


def text(content: Any) -> str:
    return str(MODULES["text_part"].render(content))


def html(content: Any) -> str:
    return str(MODULES["html_part"].render(content))


def test_the_languages_are_those_that_the_template_offers() -> None:
    assert MODULES["language"].LANGUAGES == LANGUAGES
    assert sorted(source_template()["Parameters"]["OwnerLanguage"]["AllowedValues"]) == LANGUAGES
    package = (ROOT / "scripts" / "package.py").read_text()
    assert '("root", "en", "de", "it", "fr", "es")' in package


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_every_text_with_the_same_values(code: str) -> None:
    def fields(code: str) -> dict[str, set[str | None]]:
        texts = MODULES["language"].Language(code)._texts
        flat = {key: value for key, value in texts.items() if isinstance(value, str)}
        flat |= {
            f"{noun}.{form}": value
            for noun, forms in texts["counts"].items()
            for form, value in forms.items()
        }
        return {
            key: {name for _, name, _, _ in Formatter().parse(value) if name} for key, value in flat.items()
        }

    assert fields(code) == fields("en")


@pytest.mark.parametrize(
    ("code", "figures"),
    [
        ("en", "420 (+100%)|33.3% (unchanged)|€3,783.50 (+100%)|November 9 – 15|7:00 – 8:00 PM"),
        ("de", "420 (+100 %)|33,3 % (unverändert)|3.783,50 € (+100 %)|9.–15. November|19:00–20:00 Uhr"),
        ("it", "420 (+100%)|33,3% (invariato)|3.783,50 € (+100%)|9–15 novembre|19:00–20:00"),
        ("fr", "420 (+100 %)|33,3 % (inchangé)|3 783,50 € (+100 %)|9 – 15 novembre|19:00 – 20:00"),
        ("es", "420 (+100 %)|33,3 % (sin cambios)|3.783,50 € (+100 %)|9–15 de noviembre|19:00–20:00"),
    ],
)  # fmt: skip
def test_figures_money_and_dates_are_written_as_the_language_does(code: str, figures: str) -> None:
    """By Unicode's CLDR: https://cldr.unicode.org. All its spaces are compared as one."""
    spaced = " ".join(text(written(code)).split())
    for figure in figures.split("|"):
        assert figure in spaced


def test_each_currency_has_its_own_amount_and_change() -> None:
    sales = weeks(MONDAY, 9, 30, 60)
    sales += [sale(MONDAY, orders=1, revenue="20", currency="USD")]
    sales += [
        sale(MONDAY, orders=2, revenue="12.345", currency="KWD"),
        sale(MONDAY, orders=1, revenue="7", currency=None),
    ]
    lines = text(written(sales=sales)).splitlines()
    revenue = lines.index("Revenue            €3,783.50 (+100%)")
    assert [line.split() for line in lines[revenue + 1 : revenue + 4]] == [
        ["KWD", "12.345", "(none", "the", "week", "before)"],
        ["$20.00", "(none", "the", "week", "before)"],
        ["7.00", "(none", "the", "week", "before)"],
    ]
    assert "3,803" not in text(written(sales=sales))


def test_without_a_whole_week_before_there_is_no_change() -> None:
    content = written(sales=weeks(MONDAY, 60))
    assert [figure.change for _, figures in content.cards for figure in figures] == [""] * 4
    assert "Changes follow as soon as the data cover a whole week before." in text(content)
    assert "gained" not in text(content)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_week_without_data_is_a_letter_of_one_line(code: str) -> None:
    content = written(code, sales=[], dishes=[], pairs=[], health=[])
    assert (content.cards, content.sections, len(content.notes)) == ([], [], 1)
    assert LINK in text(content)


def test_events_that_were_all_rejected_are_told() -> None:
    health = [{"day": MONDAY, "events": 0, "rejected": 300}]
    assert "300 events rejected" in " ".join(
        text(written(sales=[], dishes=[], pairs=[], health=health)).split()
    )


def test_a_menu_is_named_beside_a_dish_only_if_there_are_several() -> None:
    assert "risotto: +20 –" in text(written())
    sales = [*weeks(MONDAY, 9, 30, 60), *weeks(MONDAY, 2, 4, 8, source_menu="bar")]
    assert "risotto (trattoria): +20 –" in text(written(sales=sales))
    assert "bar – Visits 56 (+100%) · Orders 14 (+100%) · Revenue €507.50" in " ".join(
        text(written(sales=sales)).split()
    )


def test_many_menus_are_counted_and_those_with_most_visits_named() -> None:
    sales = [
        row for number in range(40) for row in weeks(MONDAY, 2, 4, 8 + number, source_menu=f"menu {number}")
    ]
    letter = text(written(sales=sales))
    assert "menu 39" in letter
    assert "menu 3 " not in letter
    assert "The dashboard has 32 menus more." in letter


def test_pages_without_prices_or_visits_have_no_such_card() -> None:
    free = [row | {"revenue": Decimal()} for row in weeks(MONDAY, 9, 30, 60)]
    without_prices = written(sales=free)
    assert [label for label, _ in without_prices.cards] == ["Visits", "Orders", "Visits that order"]
    till = written(sales=[sale(MONDAY + timedelta(days=day), orders=3, revenue="9") for day in range(-14, 7)])
    assert [label for label, _ in till.cards] == ["Visits", "Orders", "Revenue"]


def test_the_letter_holds_nothing_that_tells_a_server_of_its_reader() -> None:
    """No image, script, form or style from elsewhere; the one address is the dashboard's."""
    page = Page(html(written()))
    assert {"img", "script", "link", "iframe", "form", "object", "svg"} & set(page.elements) == set()
    assert [value for _, name, value in page.attributes if name in ("src", "href", "background")] == [LINK]
    assert not re.search(r"url\(|@import|@font-face", html(written()))


def test_without_a_dashboard_there_is_no_link() -> None:
    content = written(dashboard="")
    assert "a" not in Page(html(content)).elements
    assert "http" not in text(content)


def test_the_letter_is_smaller_than_what_gmail_shows() -> None:
    """Gmail clips a message above 102 KB and hides the rest behind a link."""
    name = "x" * 128
    sales = [row for number in range(40) for row in weeks(MONDAY, 2, 4, 8, source_menu=f"{number} {name}")]
    dishes = [dish(f"{name} {number}", number, 9) for number in range(300)]
    assert len(html(written(sales=sales, dishes=dishes)).encode()) < 50_000


ODD = (
    "</td><script>alert(1)</script>", "&lt;b&gt; & co", "\r\nBcc: all@example.com", "\x1b[31mred\x1b[0m\x07",
    "\u202egnp.exe", "\u2066isolate", "", " ", "\u200b", "نَص", "👩‍🍳 chef", "{days} {0} %s ${x}",
    "a\u2028b", "x" * 128,
)  # fmt: skip
names = st.one_of(st.sampled_from(ODD), st.text(max_size=128))


@settings(max_examples=examples(1.0), deadline=None)
@given(names, names)
def test_a_name_is_text_whatever_it_holds(item: str, menu: str) -> None:
    """No element, line or direction of text is made of a name, and the subject has none."""
    sales = [*weeks(MONDAY, 9, 30, 60, source_menu=menu), *weeks(MONDAY, 9, 30, 60, source_menu="other")]
    plain = written(
        sales=[*weeks(MONDAY, 9, 30, 60, source_menu="m"), *weeks(MONDAY, 9, 30, 60, source_menu="other")],
        dishes=[dish("d", 5, 1, source_menu="m")],
        pairs=[],
    )
    content = written(sales=sales, dishes=[dish(item, 5, 1, source_menu=menu)], pairs=[])
    page = Page(html(content))
    if menu != "other":
        assert page.elements == Page(html(plain)).elements
        assert text(content).count("SHOWN") == text(plain).count("SHOWN")
        label = next(
            row.label
            for section in content.sections
            for row in section.rows
            if row.detail.startswith("5 ordered")
        )
        assert label in page.texts
    assert content.subject == plain.subject
    for line in (*text(content).split("\n"), *page.texts):
        for character in line.replace("\n", ""):
            assert unicodedata.category(character) not in ("Cc", "Zl", "Zp", "Cs"), repr(line)
            assert character not in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c"


@settings(max_examples=examples(1.0), deadline=None)
@given(st.text(max_size=300))
def test_a_cleaned_name_is_one_short_visible_line(name: str) -> None:
    clean = MODULES["names"].clean(name)
    assert 1 <= len(clean) <= MODULES["names"].LONGEST
    assert clean == clean.strip()
    assert len(clean.splitlines()) == 1
    assert MODULES["names"].clean(clean) == clean
