"""Where a guest comes from: campaign, table, language and country, as far as they can be read.

None of it decides whether an event is kept: what cannot be read is left out.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files

MAX_CAMPAIGN = 128  # characters of a utm parameter that are kept
MAX_TABLE = 32

# The subtag of BCP 47 that names the language; regions, scripts and variants would tell guests apart.
_PRIMARY = re.compile(r"[a-z]{2,3}(?![^-_])")
_NO_LANGUAGE = {"und", "mul", "mis", "zxx"}  # undetermined, several, another, none: ISO 639
_FORMER = {"iw": "he", "in": "id", "ji": "yi"}  # Java's names, which older Android browsers send

# Old names of time zones that tzdata links to a zone of another country, whose clocks have agreed since 1970.
# Browsers still send some of them; the countries are CLDR's.
_LINKED_ABROAD = {
    "Africa/Asmera": "ER",
    "Africa/Timbuktu": "ML",
    "America/Coral_Harbour": "CA",
    "America/Virgin": "VI",
    "Antarctica/South_Pole": "AQ",
    "Atlantic/Jan_Mayen": "SJ",
    "Iceland": "IS",
    "Pacific/Ponape": "FM",
    "Pacific/Truk": "FM",
    "Pacific/Yap": "FM",
}


@lru_cache(maxsize=1024)
def campaign(text: str) -> str | None:
    """Return a utm parameter in lower case, without spaces around it; None if nothing is left."""
    return text.strip().lower()[:MAX_CAMPAIGN] or None


@lru_cache(maxsize=1024)
def table_number(text: str) -> str | None:
    """Return the number or name of a table, without spaces around it; None if nothing is left."""
    return text.strip()[:MAX_TABLE] or None


@lru_cache(maxsize=1024)
def language(text: str) -> str | None:
    """Return the language of a tag such as `de-CH`, in small letters; None if it is no such tag."""
    match = _PRIMARY.match(text.lower())
    if match is None or match[0] in _NO_LANGUAGE:
        return None
    return _FORMER.get(match[0], match[0])


def country(time_zone: str) -> str | None:
    """Return the two letters of the country that a time zone is of; None if there is no such zone or country.

    A country's own two letters stand for any of its zones: a replay knows no more.
    """
    return _countries().get(time_zone)


@cache
def _countries() -> dict[str, str]:
    """Return the country of each time zone, by zone.tab of tzdata, and by its links for old names."""
    zones = files("tzdata.zoneinfo")
    lines = [line.split("\t") for line in zones.joinpath("zone.tab").read_text().splitlines()]
    countries = {line[2]: line[0] for line in lines if not line[0].startswith("#")}
    links = (
        line.split() for line in zones.joinpath("tzdata.zi").read_text().splitlines() if line[:2] == "L "
    )
    linked = {name: countries[target] for _, target, name in links if target in countries}
    return {letters: letters for letters in countries.values()} | linked | countries | _LINKED_ABROAD
