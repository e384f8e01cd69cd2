"""What becomes of an address and a user agent."""

import base64
import re
from datetime import date
from typing import Any

import pytest

from tests.support import PHONE, load_function

DAY = date(2026, 11, 23)
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"


def test_an_id_is_the_same_all_day_for_one_visitor_only(transform: dict[str, Any]) -> None:
    visitor_id = transform["visitor"].visitor_id
    same = visitor_id("203.0.113.7", PHONE, DAY)
    assert visitor_id("203.0.113.7", PHONE, DAY) == same
    assert re.fullmatch("[0-9a-f]{16}", same)
    others = {
        visitor_id("203.0.113.8", PHONE, DAY),
        visitor_id("203.0.113.7", DESKTOP, DAY),
        visitor_id("203.0.113.7", PHONE, date(2026, 11, 24)),
        visitor_id("203.0.113", ".7" + PHONE, DAY),
        visitor_id("", "203.0.113.7" + PHONE, DAY),
    }
    assert len(others - {same}) == 5


def test_another_key_makes_another_id(transform: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    before = transform["visitor"].visitor_id("203.0.113.7", PHONE, DAY)
    monkeypatch.setenv("VISITOR_KEY", "01" * 32)
    assert load_function("transform", "visitor")["visitor"].visitor_id("203.0.113.7", PHONE, DAY) != before


def test_without_a_key_each_environment_makes_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISITOR_KEY", raising=False)
    first, second = (load_function("transform", "visitor")["visitor"] for _ in range(2))
    assert first.visitor_id("203.0.113.7", PHONE, DAY) != second.visitor_id("203.0.113.7", PHONE, DAY)


@pytest.mark.parametrize(
    ("address", "neighbour"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_addresses_of_one_household(transform: dict[str, Any], address: str, neighbour: str) -> None:
    visitor_id = transform["visitor"].visitor_id
    assert visitor_id(address, PHONE, DAY) == visitor_id(neighbour, PHONE, DAY)
    assert visitor_id("2001:db8:1:3::1", PHONE, DAY) != visitor_id("2001:db8:1:2::1", PHONE, DAY)


GUEST, PROXY, FAR_PROXY = "198.51.100.7", "203.0.113.9", "2001:db8::9"


@pytest.mark.parametrize(
    ("peer", "header", "guest"),
    [
        (PROXY, f"{GUEST}, {PROXY}", GUEST),  # API Gateway adds the connection's address
        (PROXY, GUEST, GUEST),  # or does not
        (PROXY, f"192.0.2.1,{GUEST} , {FAR_PROXY}, {PROXY}", GUEST),  # what a guest makes up stands before
        (f"::ffff:{PROXY}", GUEST, GUEST),
        (PROXY, f"{FAR_PROXY}, {PROXY}", FAR_PROXY),  # a proxy that calls for itself
        (PROXY, "2001:db8:7::1", "2001:db8:7::1"),
        (PROXY, "", PROXY),
        (PROXY, PROXY, PROXY),
        (PROXY, f"{GUEST}, unknown", PROXY),
        (PROXY, f"{GUEST}, 1.2.3.4:5678", PROXY),
        (PROXY, f"{GUEST},", PROXY),
        (GUEST, f"192.0.2.1, {GUEST}", GUEST),  # somebody who is no proxy claims to be one
        (GUEST, f"192.0.2.1, {PROXY}", GUEST),
    ],
)
def test_only_what_a_trusted_proxy_says_of_a_guest_is_believed(
    monkeypatch: pytest.MonkeyPatch, peer: str, header: str, guest: str
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "203.0.113.0/24,no network,2001:db8::/48,")
    visitor = load_function("transform", "visitor")["visitor"]
    assert visitor.guest_address(peer, base64.b64encode(header.encode()).decode()) == guest


def test_what_is_no_network_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The parameter's pattern refuses it; the function's variable may be changed without the template."""
    monkeypatch.setenv("TRUSTED_PROXIES", "203.0.113.0/33")
    load_function("transform", "visitor")
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "203.0.113.0/33" in caplog.text


def test_by_default_nobody_is_believed(transform: dict[str, Any]) -> None:
    header = base64.b64encode(GUEST.encode()).decode()
    assert transform["visitor"].guest_address(PROXY, header) == PROXY


@pytest.mark.parametrize(
    ("user_agent", "device", "is_bot"),
    [
        (PHONE, "mobile", False),
        (DESKTOP, "desktop", False),
        (
            "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
            "tablet",
            False,
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-X710) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
            "tablet",
            False,
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
            "mobile",
            False,
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
            "desktop",
            False,
        ),
        (
            "Mozilla/5.0 (Linux; Android 13; SM-A515F; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 QRCodeScanner/3.1",
            "mobile",
            False,
        ),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "other", True),
        ("curl/8.5.0", "other", True),
        ("", "other", True),
    ],
)
def test_devices_and_bots(transform: dict[str, Any], user_agent: str, device: str, is_bot: bool) -> None:
    assert transform["visitor"].classify(user_agent) == (device, is_bot)
