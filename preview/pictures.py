"""`python -m preview.pictures` takes the documentation's pictures of the pages in build/."""

import shutil
import sys

from playwright.sync_api import expect, sync_playwright

from local.stack import ROOT
from preview import letter
from preview.source import OUTPUT

PICTURES = ROOT / "docs" / "images"
WIDTHS = {"": 1280, "-phone": 360}  # by the ending of the file's name
LETTER_WIDTHS = {"": 700, "-phone": 390}
SHEETS = ("overview", "menu", "demand")  # in the demo, data health is one day


def main() -> int:
    """Write a PNG for each sheet and width; return 2 if something is missing."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    pages = [OUTPUT, letter.OUTPUT.with_suffix(".html")]
    missing_pages = [str(page.relative_to(ROOT)) for page in pages if not page.exists()]
    if chromium is None or missing_pages:
        missing = f"{missing_pages[0]} (make demo writes it)" if chromium else "Chromium"
        print(f"menulens: there is no {missing}", file=sys.stderr)
        return 2
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for ending, width in WIDTHS.items():
            for sheet in SHEETS:
                page = browser.new_page(viewport={"width": width, "height": 800}, device_scale_factor=1.5)
                page.goto(f"{OUTPUT.as_uri()}#{sheet}")
                page.locator(".tile").first.wait_for()  # the scripts have unpacked the data
                expect(page.locator(".plot:empty")).to_have_count(0)
                path = PICTURES / f"dashboard-{sheet}{ending}.png"
                page.screenshot(path=path, full_page=True)
                page.close()
                print(path.relative_to(ROOT))
        for ending, width in LETTER_WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": 800}, device_scale_factor=1.5)
            page.goto(pages[1].as_uri())
            path = PICTURES / f"letter{ending}.png"
            page.screenshot(path=path, full_page=True)
            page.close()
            print(path.relative_to(ROOT))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
