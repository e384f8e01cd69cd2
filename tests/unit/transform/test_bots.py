"""Bots are found, and people are not taken for bots, in lists that other projects keep."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.bots import browsers, crawlers, share

BROWSERS = browsers()
CRAWLERS = crawlers()
MOST = 1500  # of a list are tried: `python -m benchmarks.bots` tries all


@pytest.fixture
def is_bot(transform: dict[str, Any]) -> Callable[[str], bool]:
    return lambda user_agent: transform["visitor"].classify(user_agent)[1]


@pytest.mark.parametrize("name", CRAWLERS)
def test_bots_are_found(is_bot: Callable[[str], bool], name: str) -> None:
    assert len(CRAWLERS[name]) > 1000
    assert share(is_bot, CRAWLERS[name]) > 0.96


@pytest.mark.parametrize("name", BROWSERS)
def test_browsers_are_not_bots(is_bot: Callable[[str], bool], name: str) -> None:
    some = BROWSERS[name][:: len(BROWSERS[name]) // MOST + 1]
    assert len(some) > 500
    assert share(is_bot, some) < 0.005


@pytest.mark.parametrize("app", ["FBA[NV]/", "Instagram", "MicroMessenger", "Line/", "HbbTV"])
def test_browsers_inside_apps_and_televisions_are_not_bots(is_bot: Callable[[str], bool], app: str) -> None:
    theirs = [agent for agents in BROWSERS.values() for agent in agents if re.search(app, agent)]
    assert theirs
    assert share(is_bot, theirs) < 0.02  # two of Instagram's 108 are of phones named CUBOT


@pytest.mark.parametrize(
    "user_agent",
    [
        # A scanner app's own browser on Android and on an iPhone, and a shop's scanner with a screen.
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 "
        "Mobile Safari/537.36 QRScannerApp/1.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Mobile/15E148 QRScanner/1.0",
        "Mozilla/5.0 (Linux; Android 4.4.4; ScanPal EDA50 Build/KTU84P) AppleWebKit/537.36 "
        "(KHTML, like Gecko) Chrome/33.0.0.0 Safari/537.36",
    ],
)
def test_scanners_of_qr_codes_are_not_bots(is_bot: Callable[[str], bool], user_agent: str) -> None:
    assert not is_bot(user_agent)


def test_the_programs_that_preview_a_link_are_bots(is_bot: Callable[[str], bool]) -> None:
    assert is_bot("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)")
    assert is_bot("WhatsApp/2.23.20.0 A")
