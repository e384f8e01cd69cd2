"""The owner's letter for tests: its rows as Athena answers them, and what is read out of a letter."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

MONDAY = date(2026, 11, 16)
VOID = {"meta", "br"}  # elements without an end


def sale(day: date, visits: int = 0, orders: int = 0, revenue: str = "0", **changes: Any) -> dict[str, Any]:
    """Return a row of statements/sales.sql; as many visits with an order as orders, at 19:00."""
    row = {"source_menu": "trattoria", "currency": "EUR", "day": day, "hour": 19, "visits": visits}
    row |= {"visits_with_order": orders, "orders": orders, "revenue": Decimal(revenue)}
    return row | changes


def weeks(first_day: date, *visits: int, **changes: Any) -> list[dict[str, Any]]:
    """Return a sale on each day of as many weeks as there are `visits`, of which the last begins on a day."""
    begin = first_day - timedelta(days=7 * (len(visits) - 1))
    return [
        sale(begin + timedelta(days=7 * week + day), count, count // 3, f"{count * 9}.50", **changes)
        for week, count in enumerate(visits)
        for day in range(7)
    ]


def dish(item: str, pieces: int = 0, before: int = 0, viewers: int = 9, **changes: Any) -> dict[str, Any]:
    """Return a row of statements/dishes.sql."""
    row = {"source_menu": "trattoria", "item": item, "pieces": pieces, "pieces_before": before}
    return row | {"viewers": viewers} | changes


def healthy(first_day: date, days: Iterable[int] = range(7), rejected: int = 0) -> list[dict[str, Any]]:
    """Return rows of statements/health.sql for some days of a week."""
    return [
        {"day": first_day + timedelta(days=day), "events": 100, "rejected": rejected} for day in sorted(days)
    ]


class Page(HTMLParser):
    """The elements, attributes and texts of a letter's HTML, which must be well-formed."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []  # element, name, value
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(document)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
