"""Where a guest comes from: what is kept of it, and that nothing of it costs an event."""

from typing import Any

import pytest
from babel.core import get_global

from tests.support import envelope, load_function, rows
from tests.support.transform import EVENT, invoke

COLUMNS = ("utm_source", "utm_medium", "utm_campaign", "table_number", "language", "country", "referrer_host")


def stored(transform: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return those columns of a row that say where a guest comes from."""
    (answer,) = invoke(transform, envelope(EVENT | fields))
    (row,) = rows(answer)
    assert row.keys().isdisjoint({"table", "time_zone", "referrer"})
    return {name: row[name] for name in COLUMNS if name in row}


def test_where_a_guest_comes_from_is_stored(transform: dict[str, Any]) -> None:
    fields = {"utm_source": " Newsletter", "utm_medium": "EMail", "utm_campaign": "Herbst 2026 "}
    place = {"table": " A12 ", "language": "de-CH", "time_zone": "Europe/Zurich"}
    assert stored(transform, **fields, **place) == {
        "utm_source": "newsletter",
        "utm_medium": "email",
        "utm_campaign": "herbst 2026",
        "table_number": "A12",
        "language": "de",
        "country": "CH",
    }


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("language", "klingon"),
        ("language", "C"),  # of a browser without a locale
        ("language", "12"),
        ("language", "und"),
        ("language", "zxx-Latn"),
        ("language", "de CH"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "UTC"),
        ("time_zone", "Etc/GMT+1"),
        ("utm_source", " "),
        ("table", "\t"),
        *(
            (name, "")
            for name in ("utm_source", "utm_medium", "utm_campaign", "table", "language", "time_zone")
        ),
        ("language", "x" * 2048),
    ],
)
def test_what_cannot_be_read_is_left_out(transform: dict[str, Any], field: str, text: str) -> None:
    assert stored(transform, **{field: text}) == {}


def test_what_is_too_long_is_cut(transform: dict[str, Any]) -> None:
    kept = stored(transform, utm_source="x" * 2048, table="7" * 2048)
    assert kept == {"utm_source": "x" * 128, "table_number": "7" * 32}


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("EN-us", "en"),
        ("zh-Hant-TW", "zh"),
        ("fil-PH", "fil"),
        ("pt_BR", "pt"),
        ("iw-IL", "he"),
    ],
)
def test_of_a_language_neither_region_nor_script_is_kept(
    transform: dict[str, Any], tag: str, language: str
) -> None:
    assert stored(transform, language=tag) == {"language": language}


def test_countries_of_time_zones_are_those_of_cldr() -> None:
    """Browsers name zones as CLDR does, old names among them: Chrome says Asia/Calcutta.

    Babel has CLDR's table, in which 001 and ZZ are no country. Zones that tzdata no longer has are left out.
    https://www.unicode.org/reports/tr35/tr35-dates.html#Time_Zone_Names
    """
    source = load_function("transform", "source")["source"]
    territories = get_global("zone_territories")
    gone = {"Canada/East-Saskatchewan", "US/Pacific-New"}
    stations = {"Antarctica/Troll"}  # to CLDR of the world
    different = {
        (zone, source.country(zone), territory)
        for zone, territory in territories.items()
        if source.country(zone) != (None if territory in ("001", "ZZ") else territory)
        if zone not in gone | stations
    }
    assert len(territories) > 400
    assert different == set()
    aliases = get_global("zone_aliases")
    assert {
        zone for zone in aliases if not source.country(zone) and not aliases[zone].startswith("Etc/")
    } <= gone
    assert source.country("CH") == "CH"


@pytest.mark.parametrize(
    ("referrer", "page_host", "host"),
    [
        ("https://www.google.com/search", "trattoria.it", "www.google.com"),
        ("https://trattoria.it/drinks", "trattoria.it", None),
        ("https://www.trattoria.it/", "trattoria.it:8443", None),
        ("https://trattoria.it/", "www.trattoria.it", None),
        ("https://menu.trattoria.it/", "trattoria.it", "menu.trattoria.it"),
        ("https://www.google.com/", None, "www.google.com"),
        ("https://www.google.com/", "[", "www.google.com"),
        ("https://www.google.com/", "file:", "www.google.com"),
        ("http://[", "[", None),
    ],
)
def test_a_page_of_the_same_site_is_no_referrer(
    transform: dict[str, Any], referrer: str, page_host: str | None, host: str | None
) -> None:
    kept = stored(transform, referrer=referrer, page_host=page_host)
    assert kept.get("referrer_host") == host
