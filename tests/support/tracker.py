"""What tests of the tracker in front of the deployed API wait for."""

from playwright.sync_api import Page

from tests.support.browser import IngestEndpoint, send
from tests.support.local_emulator import until


def empty(page: Page) -> None:
    """Have everything sent that was recorded, and wait until it has been answered for."""

    def done() -> bool:
        send(page)
        return bool(page.evaluate("localStorage.length") == 0)

    until(done, 60)


def answered(page: Page, endpoint: IngestEndpoint) -> None:
    """Wait until the script has dealt with an answer, if it waits for one: it sends under this lock."""
    page.evaluate("endpoint => navigator.locks.request(endpoint, () => {})", endpoint.url)
