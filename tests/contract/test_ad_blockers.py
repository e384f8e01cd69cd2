"""The project's addresses match no rule of the lists that ad blockers use.

`tests/data/easyprivacy.txt` has those general rules of EasyPrivacy that come near; the engine is Brave's.
Rules for single hosts are left out, since each stack has a host of its own. What lists say later on is
not shown.
"""

import re
from typing import Any

import adblock
import pytest

from tests.support import ROOT, source_template

RULES = (ROOT / "tests" / "data" / "easyprivacy.txt").read_text()
VALUES = {
    "IngestApi": "q1w2e3r4t5",
    "AWS::Region": "eu-central-1",
    "AWS::URLSuffix": "amazonaws.com",
    "TrackerScript.Key": "menulens-0123456789abcdef.min.js",
}
PAGE = "https://www.trattoria.example/menu"


@pytest.fixture(scope="module")
def engine() -> Any:
    rules = adblock.FilterSet()
    rules.add_filter_list(RULES)
    return adblock.Engine(rules)


def addresses() -> dict[str, str]:
    """Return the addresses that a page loads, as deployed and behind a restaurant's own domain."""
    outputs = source_template()["Outputs"]
    deployed = {
        name: re.sub(r"\$\{([\w:.]+)\}", lambda match: VALUES[match[1]], outputs[name]["Value"]["Fn::Sub"])
        for name in ("TrackerUrl", "EventsUrl", "EventsBatchUrl")
    }
    proxied = {
        f"{name} behind the own domain": re.sub(".*/v1/", "https://www.trattoria.example/menulens/", url)
        for name, url in deployed.items()
    }
    copied = {"copied": "https://www.trattoria.example/js/menulens.min.js"}
    return deployed | proxied | copied


@pytest.mark.parametrize("name", addresses())
def test_no_rule_matches_an_address(engine: Any, name: str) -> None:
    url = addresses()[name]
    for kind in ("script", "xmlhttprequest", "ping", "other"):
        result = engine.check_network_urls(url, PAGE, kind)
        assert not result.matched, (url, kind, result.filter)


@pytest.mark.parametrize(
    "url",
    [
        "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/v1/tracker.js",
        "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/v1/tracker/tracker-0123456789abcdef.min.js",
        "https://www.trattoria.example/tracker/events/batch",
        "https://tracking.trattoria.example/v1/events/batch",
        "https://www.trattoria.example/js/tracker.min.js",
    ],
)
def test_names_that_come_near_are_matched(engine: Any, url: str) -> None:
    """So the rules are in force, and other names of the project's parts would not do."""
    assert engine.check_network_urls(url, PAGE, "script").matched
