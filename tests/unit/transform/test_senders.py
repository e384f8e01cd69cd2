"""Tills, servers and apps: programs that send events, and are neither crawlers nor guests' browsers."""

import base64
from typing import Any

import pytest

from tests.support import envelope, rows
from tests.support.transform import EVENT, invoke

# Of tills, web shops, libraries and automation services, as their documents or sources name them.
PROGRAMS = (
    "",
    "python-requests/2.32.3",
    "Python/3.13 aiohttp/3.11.11",
    "python-httpx/0.28.1",
    "Python-urllib/3.13",
    "axios/1.7.9",
    "node",
    "undici",
    "got (https://github.com/sindresorhus/got)",
    "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
    "okhttp/4.12.0",
    "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/AP1A.240405.002)",
    "Dart/3.5 (dart:io)",
    "MenuApp/3.1 CFNetwork/1568.200.51 Darwin/24.1.0",
    "Alamofire/5.9.1",
    "Apache-HttpClient/5.4.1 (Java/21.0.5)",
    "Java-http-client/21.0.5",
    "Java/1.8.0_401",
    "Go-http-client/1.1",
    "curl/8.11.0",
    "Wget/1.24.5",
    "GuzzleHttp/7",
    "Faraday v2.12.2",
    "Ruby",
    "libwww-perl/6.77",
    "PostmanRuntime/7.43.0",
    "RestSharp/112.1.0.0",
    "Lightspeed-POS/3.2",
    "Shopify-Captain-Hook",
    "Square Connect v2",
    "Zapier",
    "Mozilla/4.0 (compatible; Win32; WinHttp.WinHttpRequest.5)",
)
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
KIOSK = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
ORDER = EVENT | {"event_type": "order", "unit_price": 10, "currency": "EUR", "order_id": "1"}


def stored(transform: dict[str, Any], user_agent: str, event: dict[str, Any], **edge: Any) -> dict[str, Any]:
    edge["user_agent"] = base64.b64encode(user_agent.encode()).decode()
    (row,) = rows(invoke(transform, envelope(event, **edge))[0])
    return row


def is_nobodys(row: dict[str, Any]) -> bool:
    """Say whether a row is neither a bot's nor of a guest, on whose visit it would count."""
    return not row["is_bot"] and row["device"] == "other" and not row.keys() & {"visitor_id", "visit_key"}


@pytest.mark.parametrize("user_agent", PROGRAMS)
def test_an_order_of_a_till_counts_and_is_no_guests(transform: dict[str, Any], user_agent: str) -> None:
    row = stored(transform, user_agent, ORDER, has_api_key=True)
    assert is_nobodys(row)
    assert row["revenue"] == 10
    assert is_nobodys(stored(transform, user_agent, ORDER | {"channel": "till"}))


@pytest.mark.parametrize("user_agent", PROGRAMS)
def test_an_apps_own_requests_are_its_guests(transform: dict[str, Any], user_agent: str) -> None:
    row = stored(transform, user_agent, ORDER | {"channel": "app"})
    assert row["is_bot"] is False
    assert row["visit_key"] < 0


def test_a_till_in_a_browser_is_a_till(transform: dict[str, Any]) -> None:
    assert is_nobodys(stored(transform, KIOSK, ORDER | {"channel": "till"}))


def test_a_till_that_knows_the_guests_visit_adds_to_it(transform: dict[str, Any]) -> None:
    visit = {"session_id": "visit-1"}
    page = stored(transform, KIOSK, EVENT | visit)
    for edge in ({"has_api_key": True}, {}):
        row = stored(transform, "axios/1.7.9", ORDER | visit | {"channel": "till"}, **edge)
        assert row["visit_key"] == page["visit_key"] >= 0


def test_a_kiosk_with_the_api_key_has_guests(transform: dict[str, Any]) -> None:
    row = stored(transform, KIOSK, EVENT | {"channel": "kiosk"}, has_api_key=True)
    assert row["is_bot"] is False
    assert row["visit_key"] < 0


@pytest.mark.parametrize("channel", ["web", "qr", "app", "kiosk"])
def test_a_crawler_on_a_page_stays_a_bot(transform: dict[str, Any], channel: str) -> None:
    """Crawlers that run a page's script send what the page says; each calls itself Mozilla/5.0, as
    https://developers.google.com/search/docs/crawling-indexing/google-common-crawlers shows of Google's."""
    assert stored(transform, CRAWLER, ORDER | {"channel": channel})["is_bot"] is True


@pytest.mark.parametrize("channel", [None, "web", "qr", "kiosk"])
def test_a_program_that_does_not_name_itself_is_a_bot(transform: dict[str, Any], channel: str | None) -> None:
    assert stored(transform, "python-requests/2.32.3", ORDER | {"channel": channel})["is_bot"] is True


def test_bots_are_counted_by_event(transform: dict[str, Any]) -> None:
    batch = transform["batch"].Batch(transform["app"].clock)
    agent = base64.b64encode(b"python-requests/2.32.3").decode()
    events = [ORDER, ORDER | {"channel": "till"}, ORDER | {"channel": "app"}]
    data = base64.b64encode(envelope({"events": events}, user_agent=agent)).decode()
    batch.add({"recordId": "1", "approximateArrivalTimestamp": 0, "data": data})
    assert (batch.events, batch.bots, batch.guests) == (3, 1, 1)


def test_a_till_does_not_hide_that_no_guest_is_seen(transform: dict[str, Any], capsys: Any) -> None:
    """The alarm NoEvents looks at VisitorEvents."""
    invoke(transform, envelope(ORDER, has_api_key=True, user_agent=""), envelope(ORDER | {"channel": "till"}))
    assert "VisitorEvents" not in capsys.readouterr().out
