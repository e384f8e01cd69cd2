"""The dashboard on a deployed stack's data: its numbers are Athena's, and it follows the events."""

import http.client
import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.expected import expected_of
from demo.simulation import Event, Request, simulate
from demo.traffic import send
from functions.custom_resources.composition import CompositionError
from local.stack import STACK_NAME, TIME_ZONE, LocalStack
from preview.serve import Feed, serve
from preview.source import open_dashboard, write
from tests.support.browser import needs_chromium
from tests.support.dashboard_numbers import assert_same_rows
from tests.support.dashboard_page import (
    SHEETS,
    choose,
    data,
    empty_tiles,
    figure,
    opened,
    rows,
    set_date,
    show,
)
from tests.support.dashboard_rows import dashboard, days_ago, tables
from tests.support.dashboard_sql import QUESTIONS, question
from tests.support.deployment import Api, ask, eventually


@pytest.fixture(scope="module")
def filled(stack: LocalStack) -> LocalStack:
    """The stack with two weeks of a few visits."""
    requests = simulate(7, 15, datetime.now(ZoneInfo(TIME_ZONE)), visits_per_day=15)
    send(in_large_batches(requests), stack.local_url(stack.outputs()["EventsBatchUrl"]), progress=False)
    expected = expected_of(requests)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        (counts,) = ask(
            stack, "SELECT count(*) AS stored, count(DISTINCT event_id) AS unique FROM events_raw"
        )
        if int(counts["stored"]) >= expected.sent - expected.rejected:
            break
        time.sleep(0.5)
    assert int(counts["unique"]) == expected.unique
    return stack


def in_large_batches(requests: list[Request]) -> list[Request]:
    """Return the same events in few requests, and so in few files: this is about answers, not traffic."""
    by_device: dict[str, list[Event]] = {}
    for request in requests:
        by_device.setdefault(json.dumps(request.headers), []).extend(request.body["events"])
    return [
        Request({"events": list(events)}, json.loads(headers), requests[0].sent_at)
        for headers, every in by_device.items()
        for events in batched(every, 100, strict=False)
    ]


@pytest.fixture(scope="module")
def url(filled: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("dashboard") / "dashboard.html"
    return write(open_dashboard(filled.client, STACK_NAME), path).as_uri()


@pytest.fixture(scope="module")
def page(browser: Browser, url: str) -> Iterator[Page]:
    with opened(browser, url) as page:
        yield page


@needs_chromium
@pytest.mark.parametrize("sheet", SHEETS)
def test_every_visual_shows_the_stacks_data(page: Page, sheet: str) -> None:
    show(page, sheet)
    expect(page.locator(".plot:empty")).to_have_count(0)
    assert empty_tiles(page) == []
    assert not page.locator("#left-out").is_visible()


@needs_chromium
def test_no_question_is_of_a_visual_that_is_gone(page: Page) -> None:
    shown = page.evaluate("JSON.parse(document.getElementById('plan').textContent)")
    gone = QUESTIONS.keys() - {visual["id"] for sheet in shown["sheets"] for visual in sheet["visuals"]}
    assert gone == set(), "delete these questions in tests/support/dashboard_sql.py"


@needs_chromium
@pytest.mark.parametrize("visual", QUESTIONS)
def test_a_visuals_numbers_are_athenas(page: Page, filled: LocalStack, visual: str) -> None:
    yesterday = datetime.now(ZoneInfo(TIME_ZONE)).date() - timedelta(days=1)
    assert_same_rows(rows(page, visual), ask(filled, question(visual, yesterday)), visual)


@needs_chromium
def test_filtered_numbers_are_athenas(browser: Browser, url: str, filled: LocalStack) -> None:
    last = date.fromisoformat(days_ago(4))
    with opened(browser, url) as page:
        set_date(page, "overview-from", (last - timedelta(days=6)).isoformat())
        set_date(page, "overview-to", last.isoformat())
        choose(page, "Menu", without="bistro-zoe")
        for visual in (
            "visits",
            "orders",
            "revenue",
            "conversion",
            "menus",
            "steps",
            "dishes",
            "interest",
            "hours",
        ):
            answer_rows = ask(filled, question(visual, last, "source_menu <> 'bistro-zoe'"))
            assert_same_rows(rows(page, visual), answer_rows, visual)
        visits = ask(filled, question("visits", last, "source_menu <> 'bistro-zoe'"))[0]["visits now"]
        assert figure(page, "visits") == visits


@needs_chromium
def test_the_served_page_follows_the_events(browser: Browser, filled: LocalStack, api: Api) -> None:
    with (
        serve(
            Feed(
                lambda: open_dashboard(filled.client, STACK_NAME, live=True),
                lambda: ask(filled, "SELECT count(*) AS n FROM events_raw"),
            )
        ) as url,
        opened(browser, url) as page,
    ):
        before = page.locator("#visual-menus tbody th").all_inner_texts()
        happened = datetime.now(UTC)
        event = {
            "element_clicked": "dish",
            "source_menu": "a new menu",
            "created_at": happened.isoformat(),
            "session_id": "s",
        }
        assert api.post(event).status == 202
        eventually(filled, "SELECT 1 FROM events_raw WHERE source_menu = 'a new menu'", 1)
        expect(page.locator("#visual-menus tbody")).to_contain_text("a new menu", timeout=20_000)
        assert "a new menu" not in before
        page.locator(".control.choice summary").first.click()
        assert "a new menu" in page.locator(".control.choice .options").first.inner_text()


def test_the_server_answers_this_machine_alone_and_says_what_is_wrong() -> None:
    broken: list[CompositionError] = []

    def make() -> Any:
        if broken:
            raise broken[0]
        return dashboard(tables(), live=True)

    with serve(Feed(make, lambda: 1)) as url:
        address = urlsplit(url)
        connection = http.client.HTTPConnection(address.netloc)

        def get(path: str, **headers: str) -> tuple[int, str]:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.read().decode()

        assert address.hostname == "127.0.0.1"
        assert get("/", Host="attacker.example:80")[0] == 421
        assert get("/other")[0] == 404
        status, page = get("/")
        assert status == 200
        assert "connect-src 'self'" in page
        version = data(page)["version"]
        assert get(f"/data.json?seen={version}") == (204, "")
        assert get("/data.json?seen=older")[0] == 200
        broken.append(CompositionError("sheets/01_overview.json: there is no part 'gone'"))
        assert get("/") == (500, "sheets/01_overview.json: there is no part 'gone'")
