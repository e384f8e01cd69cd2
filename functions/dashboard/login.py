"""The pages in the dashboard's place: for whoever has no session, and while no dashboard is written."""

import base64
import re
import tomllib
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent
NOT_YET = '<!doctype html><html lang="$language"><title>$title</title><p>$not_yet</p></html>'


class Pages:
    """Both pages in a language, one of the files in texts/."""

    def __init__(self, language: str) -> None:
        path = FOLDER / "texts" / f"{language}.toml"
        texts = {name: escape(text) for name, text in tomllib.loads(path.read_text(encoding="utf-8")).items()}
        login = (FOLDER / "login.html").read_text(encoding="utf-8")
        self.login = Template(login).substitute(texts, language=language)
        self.not_yet = Template(NOT_YET).substitute(texts, language=language)

    def source(self, element: str) -> str:
        """Return how a Content-Security-Policy allows the script or style of the login page, by its hash."""
        (content,) = re.findall(f"<{element}>(.*?)</{element}>", self.login, re.DOTALL)
        return f"'sha256-{base64.b64encode(sha256(content.encode()).digest()).decode()}'"
