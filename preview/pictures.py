"""`python -m preview.pictures` takes the pictures of docs/dashboards.md of build/dashboard.html."""

import shutil
import sys

from playwright.sync_api import expect, sync_playwright

from local.stack import ROOT
from preview.source import OUTPUT

PICTURES = ROOT / "docs" / "images"
WIDTHS = {"": 1280, "-phone": 360}  # by the ending of the file's name
SHEETS = ("overview", "menu", "demand")  # in the demo, data health is one day


def main() -> int:
    """Write a PNG for each sheet and width; return 2 if something is missing."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or not OUTPUT.exists():
        missing = "build/dashboard.html (make demo writes it)" if chromium else "Chromium"
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
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
