"""API Gateway's mapping templates: `$input`, `$util` and `$context` on the Velocity engine `airspeed`.

Emulates: the renderer of REST API integrations. Unset references render empty, as airspeed-ext found on
AWS.

Not covered: whether AWS parses a template the same way: it runs Java's Velocity and Jayway's JSONPath. Of
JSONPath, member and index steps are known (`$.a.b[0]['c']`). What a body that is not JSON gives is inferred
from Jayway's permissive parser.

Reference:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

import base64
import json
import math
import re
import urllib.parse
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from airspeed import Template

_STEP = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\['(?P<quoted>[^']*)'\]")


def _finite(number: str) -> float | None:
    """Read a number; one that no double holds is null, as Jayway's JSON library writes it."""
    value = float(number)
    return value if math.isfinite(value) else None


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=lambda _name: None)


def render(template: str, variables: Mapping[str, Any]) -> str:
    """Render a mapping template with `input`, `util`, `context` and so on."""
    return _compiled(template).merge({"util": Util(), **variables})


@lru_cache(maxsize=256)
def _compiled(template: str) -> Template:
    compiled = Template(template)
    compiled.ensure_compiled()
    return compiled


def parse_body(body: str) -> Any:
    """Parse a body as `$input` does: empty is `{}`, text after the value is ignored, other text a string."""
    if not body.strip():
        return {}
    try:
        return _DECODER.raw_decode(body.lstrip())[0]
    except (ValueError, RecursionError):
        return body


def search(document: Any, path: str) -> Any:
    """Evaluate a JSONPath of member and index steps; None when nothing is there."""
    node = document
    for step in _STEP.finditer(path):
        key = step["name"] or step["quoted"]
        try:
            node = node[int(step["index"])] if key is None else node[key]
        except (KeyError, IndexError, TypeError):
            return None
    return node


class Input:
    """The `$input` variable: a payload, and the parameters of the request it came with."""

    def __init__(self, body: str, params: dict[str, dict[str, str]]):
        self.body = body
        self._params = params

    def path(self, path: str) -> Any:
        """Value at a JSONPath, for use in the template."""
        return search(parse_body(self.body), path)

    def json(self, path: str) -> str:
        """Value at a JSONPath as JSON text; an empty JSON string when nothing is there."""
        value = self.path(path)
        return json.dumps("" if value is None else value, ensure_ascii=False, separators=(",", ":"))

    def params(self, name: str | None = None) -> Any:
        """Return a parameter from path, query string or header, in that order; without a name all."""
        if name is None:
            return self._params
        for location, key in (("path", name), ("querystring", name), ("header", name.lower())):
            if key in self._params[location]:
                return self._params[location][key]
        return ""


class Util:
    """The `$util` variable."""

    def base64Encode(self, text: str | None) -> str:
        """Encode the text's UTF-8 bytes, a question mark where Java has none to give."""
        return base64.b64encode((text or "").encode("utf-8", "replace")).decode()

    def base64Decode(self, text: str) -> str:
        """Decode to text."""
        return base64.b64decode(text).decode("utf-8", "replace")

    def escapeJavaScript(self, text: str | None) -> str:
        """Escape as Java's StringEscapeUtils does, single quotes included, which JSON does not allow."""
        return json.dumps(text or "")[1:-1].replace("'", "\\'")

    def urlEncode(self, text: str | None) -> str:
        """Encode as Java's URLEncoder does: letters, digits and .-*_ stay, a space is +."""
        return urllib.parse.quote_plus(text or "", safe="*", errors="replace").replace("~", "%7E")

    def urlDecode(self, text: str | None) -> str:
        """Decode a form's text."""
        return urllib.parse.unquote_plus(text or "")

    def parseJson(self, text: str) -> Any:
        """Parse JSON text."""
        return json.loads(text)
