"""Puts the figures into the letter's words: what both its parts, text and HTML, show."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from figures import DAYS, LISTED_MENUS, Comparison, Dish, Figures, Pair
from language import Language
from names import clean

REJECTED_SHARE = 0.05  # from which on the owner is told, as the alarm RejectedShare is raised


@dataclass(frozen=True)
class Figure:
    """A figure with its change against the week before, '' if not compared; `direction` is 1, 0 or -1."""

    text: str
    change: str = ""
    direction: int = 0

    def __str__(self) -> str:
        return f"{self.text} ({self.change})" if self.change else self.text


@dataclass(frozen=True)
class Row:
    """A line of a section; `share` is the length of its bar, of the longest one."""

    label: str
    value: str = ""
    detail: str = ""
    share: float | None = None


@dataclass(frozen=True)
class Section:
    """A heading with rows, and a sentence about them."""

    title: str
    rows: list[Row]
    advice: str = ""


@dataclass(frozen=True)
class Sender:
    """What the letter tells of its stack: its name, the owner's address, its currency, and its dashboard."""

    stack: str
    address: str
    currency: str
    dashboard: str = ""


@dataclass
class Content:
    """All that the letter says, in the order in which it says it; no text of it is markup."""

    language: str
    subject: str
    title: str
    days: str
    link_text: str
    link: str
    footer: str
    cards: list[tuple[str, list[Figure]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)


def write(figures: Figures, language: Language, sender: Sender) -> Content:
    """Return the letter's content; of a week without data it is one line."""
    period = language.days(figures.first_day, figures.last_day)
    content = Content(
        language=language.code,
        subject=language.text("subject_without_data", days=period),
        title=language.text("title"),
        days=language.days(figures.first_day, figures.last_day, with_year=True),
        link_text=language.text("dashboard"),
        link=sender.dashboard,
        footer=language.text("footer", address=sender.address, stack=sender.stack),
    )
    if not figures.has_data:
        key = "no_data_rejected" if figures.health.rejected else "no_data"
        rejected = language.count("events", figures.health.rejected)
        content.notes.append(language.text(key, days=period, events=rejected))
        return content
    now = figures.total.now
    counts = {"visits": language.count("visits", now.visits), "orders": language.count("orders", now.orders)}
    content.subject = language.text("subject", days=period, **counts)
    content.cards = list(_cards(figures.total, language, sender.currency))
    content.notes = list(_notes(figures, language))
    sections = _sections(figures, language, sender.currency)
    content.sections = [section for section in sections if section.rows]
    return content


def _cards(total: Comparison, language: Language, currency: str) -> Iterator[tuple[str, list[Figure]]]:
    yield language.text("visits"), [_visits(total, language)]
    yield language.text("orders"), [_orders(total, language)]
    share, before = total.both(lambda totals: totals.share)
    if share is not None:
        text = language.percent(share, decimals=1)
        figure = Figure(text)
        if before is not None:
            figure = Figure(text, language.points(share, before), _sign(round(share - before, 3)))
        yield language.text("share"), [figure]
    if currencies := total.currencies(currency):
        yield language.text("revenue"), [_money(total, language, code) for code in currencies]


def _visits(menu: Comparison, language: Language) -> Figure:
    now, before = menu.both(lambda totals: totals.visits)
    return _figure(language, language.number(now), now, before)


def _orders(menu: Comparison, language: Language) -> Figure:
    now, before = menu.both(lambda totals: totals.orders)
    return _figure(language, language.number(now), now, before)


def _money(menu: Comparison, language: Language, code: str) -> Figure:
    now, before = menu.both(lambda totals: totals.money(code))
    return _figure(language, language.money(now, code), now, before)


def _figure[Number: (int, Decimal)](
    language: Language, text: str, now: Number, before: Number | None
) -> Figure:
    if before is None:
        return Figure(text)
    return Figure(text, language.change(now, before), _sign(now - before))


def _sign(number: float | Decimal) -> int:
    return (number > 0) - (number < 0)


def _notes(figures: Figures, language: Language) -> Iterator[str]:
    before = figures.total.before
    if before is None:
        yield language.text("not_compared")
        return
    first = figures.first_day - timedelta(days=DAYS)
    yield language.text("compared", days=language.days(first, first + timedelta(days=DAYS - 1)))
    days, days_before = len(figures.total.now.days), len(before.days)
    if days != days_before:
        words = {"days": language.count("days", days), "days_before": language.count("days", days_before)}
        yield language.text("other_days", **words)


def _sections(figures: Figures, language: Language, currency: str) -> Iterator[Section]:
    text, count = language.text, language.count
    several = len(figures.menus) > 1

    def of_menu(name: str, menu: str) -> str:
        return f"{name} ({clean(menu)})" if several else name

    def changed(dish: Dish) -> Row:
        before = language.number(dish.pieces_before)
        detail = text("sold", pieces=count("pieces", dish.pieces), before=before)
        return Row(of_menu(clean(dish.name), dish.menu), language.difference(dish.change), detail)

    def unordered(dish: Dish) -> Row:
        return Row(of_menu(clean(dish.name), dish.menu), detail=count("guests", dish.viewers))

    def busy(day: date, hour: int, visits: int) -> Row:
        return Row(f"{language.day(day)}, {language.hour(day, hour)}", count("visits", visits))

    def together(pair: Pair) -> Row:
        evidence = text("together", orders=count("orders", pair.orders), times=language.times(pair.lift))
        return Row(of_menu(" + ".join(map(clean, pair.names)), pair.menu), detail=evidence)

    yield Section(text("by_day"), _days(figures, language))
    if several:
        yield _menus(figures, language, currency)
    yield Section(text("gained"), [changed(dish) for dish in figures.gained])
    yield Section(text("lost"), [changed(dish) for dish in figures.lost])
    unordered_rows = [unordered(dish) for dish in figures.never_ordered]
    yield Section(text("never_ordered"), unordered_rows, text("never_ordered_advice"))
    yield Section(text("busiest"), [busy(*hour) for hour in figures.busiest])
    yield Section(text("pairs"), [together(pair) for pair in figures.pairs])
    yield Section(text("health"), [Row(_health(figures, language))])


def _days(figures: Figures, language: Language) -> list[Row]:
    most = max(visits for _, visits in figures.visits_by_day)
    return [
        Row(language.day(day), language.number(visits), share=visits / most)
        for day, visits in figures.visits_by_day
        if most
    ]


def _menus(figures: Figures, language: Language, currency: str) -> Section:
    rows = []
    for name, menu in list(figures.menus.items())[:LISTED_MENUS]:
        figures_of_menu = [("visits", _visits(menu, language)), ("orders", _orders(menu, language))]
        figures_of_menu += [("revenue", _money(menu, language, code)) for code in menu.currencies(currency)]
        detail = " · ".join(f"{language.text(key)} {figure}" for key, figure in figures_of_menu)
        rows.append(Row(clean(name), detail=detail))
    hidden = len(figures.menus) - LISTED_MENUS
    more = language.text("more_menus", menus=language.count("menus", hidden)) if hidden > 0 else ""
    return Section(language.text("by_menu"), rows, more)


def _health(figures: Figures, language: Language) -> str:
    health = figures.health
    key = "health_rejected" if health.rejected_share > REJECTED_SHARE else "health_good"
    share = language.percent(health.rejected_share, decimals=1)
    lines = [language.text(key, events=language.count("events", health.events), share=share)]
    if health.silent_days:
        days = language.listing(map(language.day, health.silent_days))
        lines.append(language.text("health_silent", days=days))
    return " ".join(lines)
