"""What tests of the tracker in front of the deployed API wait for."""

from playwright.sync_api import Page

from tests.support.browser import IngestEndpoint
from tests.support.local_emulator import until


def empty(page: Page) -> None:
    """Wait until everything that was recorded has been answered for."""
    until(lambda: page.evaluate("localStorage.length") == 0, 60)


def answered(page: Page, endpoint: IngestEndpoint) -> None:
    """Wait until the script has dealt with an answer, if it waits for one: it sends under this lock."""
    page.evaluate("endpoint => navigator.locks.request(endpoint, () => {})", endpoint.url)
