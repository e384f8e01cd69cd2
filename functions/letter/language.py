"""Writes words, figures, money and dates as one of the letter's languages does."""

import re
import tomllib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_interval
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

TEXTS = Path(__file__).with_name("texts")
LANGUAGES = sorted(path.stem for path in TEXTS.glob("*.toml"))
DIGITS_OF_UNKNOWN_MONEY = "#,##0.00"
# CLDR puts a space between a currency's letters and a digit after them, and Babel does not:
# https://unicode.org/reports/tr35/tr35-numbers.html#Currencies
LETTERS_MEET_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")


class Language:
    """One of LANGUAGES, by its ISO 639 code: its texts, and Babel's formats of its locale."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._locale = Locale.parse(code)
        self._texts: dict[str, Any] = tomllib.loads((TEXTS / f"{code}.toml").read_text(encoding="utf-8"))

    def text(self, key: str, **values: str) -> str:
        """Return a text with the names in braces filled in."""
        text: str = self._texts[key]
        return text.format(**values)

    def count(self, noun: str, number: int) -> str:
        """Return a number with its noun in the form that the number asks for, such as "1 visit"."""
        forms: dict[str, str] = self._texts["counts"][noun]
        form = forms.get(self._locale.plural_form(number), forms["other"])
        return form.format(n=self.number(number))

    def number(self, number: int) -> str:
        """Return a whole number with the language's grouping."""
        return str(format_decimal(number, locale=self._locale))

    def difference(self, number: int) -> str:
        """Return a whole number with its sign."""
        return str(format_decimal(number, format="+#,##0;-#,##0", locale=self._locale))

    def times(self, factor: float) -> str:
        """Return a factor with one decimal."""
        return str(format_decimal(factor, format="#,##0.0", locale=self._locale))

    def money(self, amount: Decimal, currency: str) -> str:
        """Return an amount with its currency where the language puts it; without one, with two decimals."""
        if not currency:
            return str(format_decimal(amount, format=DIGITS_OF_UNKNOWN_MONEY, locale=self._locale))
        return LETTERS_MEET_DIGIT.sub("\xa0", str(format_currency(amount, currency, locale=self._locale)))

    def percent(self, share: float, *, decimals: int = 0) -> str:
        """Return a share in per cent."""
        return str(format_percent(share, format=self._percent_pattern(decimals), locale=self._locale))

    def change(self, now: int | Decimal, before: int | Decimal) -> str:
        """Return by how many per cent a number has changed, or in words that it has not, or was nothing."""
        if not before:
            return self.text("none_before" if now else "unchanged")
        pattern = self._percent_pattern()
        ratio = float(now / before) - 1
        if round(ratio * 100) == 0:
            return self.text("unchanged")
        return str(format_percent(ratio, format=f"+{pattern};-{pattern}", locale=self._locale))

    def points(self, now: float, before: float) -> str:
        """Return by how many percentage points a share has changed, or in words that it has not."""
        points = round((now - before) * 100, 1)
        if points == 0:
            return self.text("unchanged")
        figure = str(format_decimal(points, format="+#,##0.0;-#,##0.0", locale=self._locale))
        return self.text("points", points=figure)

    def days(self, first: date, last: date, *, with_year: bool = False) -> str:
        """Return a period of days, the month in full without the year."""
        return str(format_interval(first, last, "yMMMd" if with_year else "MMMMd", locale=self._locale))

    def day(self, day: date) -> str:
        """Return the name of a day's weekday."""
        return str(format_date(day, "cccc", locale=self._locale))

    def hour(self, day: date, hour: int) -> str:
        """Return an hour of a day, from when to when."""
        begin = datetime.combine(day, time(hour))
        skeleton = self._texts["hour_skeleton"]
        return str(format_interval(begin, begin + timedelta(hours=1), skeleton, locale=self._locale))

    def listing(self, parts: Iterable[str]) -> str:
        """Return a list in words."""
        return str(format_list(list(parts), locale=self._locale))

    def _percent_pattern(self, decimals: int = 0) -> str:
        pattern = str(self._locale.percent_formats[None].pattern)
        return pattern.replace("#,##0", f"#,##0.{'0' * decimals}") if decimals else pattern
