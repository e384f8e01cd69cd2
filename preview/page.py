"""Makes the page: one HTML file with the plan, the data, the scripts and the charts' library in it."""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import vl_convert

from functions.custom_resources.composition import fill, load
from functions.report.shell import compressed
from preview.dashboard_plan import make_plan
from preview.plan import Theme
from preview.rows import Ask, fetch
from preview.translation import PREVIEW, translations

QUICKSIGHT = Path(__file__).parent.parent / "quicksight"
DASHBOARD = "menu_insights"
STATIC = Path(__file__).parent / "static"
TODAY = "truncDate('DD', now())"  # the page's clock is the restaurant's
SCRIPTS = (
    "texts.js",
    "expressions.js",
    "engine.js",
    "format.js",
    "tiles.js",
    "axes.js",
    "charts.js",
    "plots.js",
    "controls.js",
    "address.js",
    "main.js",
)
COLORS = {  # custom properties of the style sheet, and the theme's colours for them
    "ink": "PrimaryForeground",
    "paper": "PrimaryBackground",
    "soft": "SecondaryForeground",
    "ground": "SecondaryBackground",
    "accent": "Accent",
    "danger": "Danger",
    "good": "Success",
}


class Dashboard:
    """The dashboard of `quicksight/`, filled for the preview, and its data, which `ask` gets from Athena."""

    def __init__(
        self,
        ask: Ask,
        *,
        stack: str,
        currency: str,
        time_zone: str,
        live: bool = False,
        clock: Callable[[ZoneInfo], datetime] = datetime.now,
        definitions_in: Path = QUICKSIGHT,
        language: str = "en",
    ) -> None:
        self._language = language
        self._ask = ask
        self._live = live
        self._time_zone = ZoneInfo(time_zone)
        self._clock = clock
        definitions = load(definitions_in)
        names = {f"data_set_arn_{name}": name for name in definitions.data_sets}
        values = {"name_prefix": stack, "currency": currency, "theme_arn": "menulens", "today": TODAY}
        dashboard = fill(definitions.dashboards[DASHBOARD], values | names)
        declared = dashboard["Definition"]["DataSetIdentifierDeclarations"]
        self.data_sets = {
            declaration["Identifier"]: definitions.data_sets[declaration["DataSetArn"]]
            for declaration in declared
        }
        self.plan = make_plan(dashboard, self.data_sets, definitions.theme, stack)

    def today(self) -> date:
        """Return the day that runs in the stack's time zone."""
        return self._clock(self._time_zone).date()

    def data(self) -> dict[str, Any]:
        """Ask for all data; `now` is the wall clock of the stack's time zone.

        `version` differs when they do, and each day, since what the page shows depends on that.
        """
        now = self._clock(self._time_zone)
        tables = fetch(self.data_sets, self._ask)
        content = json.dumps([now.date().isoformat(), tables])
        return {
            "now": now.replace(tzinfo=None).isoformat(timespec="seconds"),
            "time_zone": self._time_zone.key,
            "live": self._live,
            "version": hashlib.sha256(content.encode()).hexdigest()[:16],
            "tables": tables,
        }

    def page(self, data: dict[str, Any]) -> str:
        """Return the page with `data` in it."""
        texts = script_json(translations(self._language))
        return self.html(compressed(data), "null", PREVIEW, self._language, texts)

    def html(self, data: str, today: str, footer: str, language: str, texts: str) -> str:
        """Return the page with these in it; `data` is compressed, `today` and `texts` are JSON."""
        library = script_text(_library())
        script = script_text("\n".join((STATIC / name).read_text() for name in SCRIPTS))
        parts = {
            "title": escaped(self.plan.name),
            "heading": escaped(self.plan.name.removeprefix(f"{self.plan.stack}: ")),
            "connect": "'self'" if self._live else "'none'",
            "hashes": _hashes((library, script)),
            "style": _style(self.plan.theme),
            "footer": escaped(footer),
            "language": language,
            "texts": texts,
            "plan": script_json(self.plan),
            "data": data,
            "today": today,
            "library": library,
            "script": script,
        }
        return Template((STATIC / "page.html").read_text()).substitute(parts)


def script_json(value: Any) -> str:
    """Return JSON that cannot end the script element it stands in, nor begin a comment there."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


def script_text(script: str) -> str:
    """Return a script that cannot end its element; an escaped slash is a slash in strings and patterns."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def escaped(text: str) -> str:
    """Return text for an element's content."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _hashes(scripts: Sequence[str]) -> str:
    """Return what allows these scripts, and no other, in a Content-Security-Policy."""
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


@cache
def _library() -> str:
    return vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub forgets the default


def _style(theme: Theme) -> str:
    colors = "".join(f"--{name}: {theme.ui[member]};" for name, member in COLORS.items())
    root = f":root {{ {colors} --line: #DCE4E2; --faint: #ECF1EF; --font: {theme.font}; }}\n"
    return root + (STATIC / "style.css").read_text()
