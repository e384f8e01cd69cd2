"""The tracker's script in browsers that let no site store anything, as their own settings have it."""

from collections.abc import Iterator

import pytest

from tests.support.browser import DISH, IngestEndpoint, Site
from tests.support.engines import ENGINES, INSTALLED, Engine
from tests.support.local_emulator import until

STORES = "(() => { try { return !!localStorage } catch { return false } })()"
CLICKS = "(() => { for (let n = 0; n < 70; n++) document.querySelector('[data-ml-item]').click() })()"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if not INSTALLED[request.param]:
        pytest.skip(f"{request.param} is not installed")
    with ENGINES[request.param](tmp_path_factory.mktemp(request.param), has_storage=False) as engine:
        yield engine


def test_without_any_storage_events_are_sent_as_they_come(
    engine: Engine, site: Site, endpoint: IngestEndpoint
) -> None:
    """Also before the page is left: what outgrows the 64 KB of a beacon would be lost, the order with it."""
    engine.open(site.menu("/", DISH.format("a"), endpoint.url, "m"))
    assert not engine.evaluate(STORES)
    engine.evaluate(CLICKS)
    engine.evaluate("menulens.track('order', {element_clicked: 'a', unit_price: 10.5, order_id: '1'})")
    until(lambda: len({event["event_id"] for event in endpoint.events(event_type="click")}) == 70)
    until(lambda: endpoint.events(event_type="order"))
    assert len({event["session_id"] for event in endpoint.events()}) == 1
