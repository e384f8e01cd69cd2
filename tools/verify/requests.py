"""The steps in which the API is called as a page calls it: script, preflight, good and bad requests."""

import base64
import hashlib

from tools.verify.sent import TOO_LARGE, events, rejected
from tools.verify.stack import Answer, Stack, StepError

STRANGER = "https://stranger.example.net"
BROWSER_TEXT = (
    "text/plain;charset=UTF-8"  # what browsers send for a string, https://fetch.spec.whatwg.org/#bodyinit
)


def script(stack: Stack) -> str:
    """Load the tracker as a page does, and compute its hash as a browser does."""
    answer = stack.request("GET", stack.outputs["TrackerUrl"], headers={"Origin": stack.origin})
    _expect(answer, 200)
    digest = base64.b64encode(hashlib.sha384(answer.body.encode()).digest()).decode()
    integrity = stack.outputs["TrackerIntegrity"]
    if f"sha384-{digest}" != integrity:
        raise StepError(f"the script's hash is sha384-{digest}, TrackerIntegrity says {integrity}")
    if "javascript" not in answer.headers.get("content-type", ""):
        raise StepError(f"Content-Type is {answer.headers.get('content-type')}")
    _expect_readable(answer, "*")
    return f"{len(answer.body):,} characters, {integrity[:20]}…"


def preflight(stack: Stack) -> str:
    """Ask as a browser asks before a request with JSON, from each allowed origin and from another."""
    for origin in (*stack.origins, STRANGER):
        page = stack.origin if origin == "*" else origin
        answer = stack.request(
            "OPTIONS",
            stack.outputs["EventsUrl"],
            headers={
                "Origin": page,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        )
        _expect(answer, 204)
        if origin != STRANGER:
            _expect_readable(answer, page)
            allowed = answer.headers.get("access-control-allow-headers", "").lower()
            if "content-type" not in allowed:
                raise StepError(f"{page}: Access-Control-Allow-Headers is {allowed!r}")
        elif "*" not in stack.origins and _allowed(answer) in ("*", STRANGER):
            raise StepError(
                f"{STRANGER} may read the answers: Access-Control-Allow-Origin {_allowed(answer)}"
            )
    return f"allowed: {', '.join(stack.origins)}"


def text_plain(stack: Stack) -> str:
    """Post as `sendBeacon` and `fetch` do with a string."""
    return _accepted(stack, stack.post(events(stack)["text"].event, BROWSER_TEXT))


def json_body(stack: Stack) -> str:
    """Post as a server does."""
    return _accepted(stack, stack.post(events(stack)["json"].event))


def bad_event(stack: Stack) -> str:
    """Post an event without a required field."""
    event = {key: value for key, value in events(stack)["json"].event.items() if key != "element_clicked"}
    answer = stack.post(event)
    _expect(answer, 400)
    _expect_readable(answer, stack.origin)
    reason = str(answer.json().get("reason", ""))
    if "element_clicked" not in reason:
        raise StepError(f"the answer does not name the field element_clicked: {answer}")
    return reason[:100]


def wrong_content_type(stack: Stack) -> str:
    """Post what the API does not take."""
    answer = stack.post(events(stack)["json"].event, "application/xml")
    _expect(answer, 415)
    _expect_readable(answer, stack.origin)
    return "415"


def batch(stack: Stack) -> str:
    """Post two events at once."""
    pair = [events(stack)[name].event for name in ("batch_1", "batch_2")]
    return _accepted(stack, stack.post({"events": pair}, BROWSER_TEXT, "EventsBatchUrl"))


def orders(stack: Stack) -> str:
    """Post an order with a price of two decimals, and one of three."""
    for name in ("order", "three_decimals"):
        seen = _accepted(stack, stack.post(events(stack)[name].event))
    return seen


def properties(stack: Stack) -> str:
    """Post properties whose keys differ only by case."""
    return _accepted(stack, stack.post(events(stack)["properties"].event))


def rejected_event(stack: Stack) -> str:
    """Post what only the transform can tell from a good event."""
    return _accepted(stack, stack.post(rejected(stack)))


def too_large(stack: Stack) -> str:
    """Post more than one record of the stream holds."""
    event = events(stack)["json"].event | {"properties": {"filler": "x" * TOO_LARGE}}
    answer = stack.post(event)
    _expect(answer, 403 if "Firewall" in stack.resources else 413)  # the firewall takes no more than 64 KB
    _expect_readable(answer, stack.origin)
    return str(answer.status)


def _accepted(stack: Stack, answer: Answer) -> str:
    _expect(answer, 202)
    _expect_readable(answer, stack.origin)
    record_id = answer.json().get("record_id")
    if not record_id:
        raise StepError(f"no record_id: {answer}")
    return f"202, record {str(record_id)[:12]}…"


def _expect(answer: Answer, status: int) -> None:
    if answer.status != status:
        raise StepError(f"expected HTTP {status}, got {answer}")


def _expect_readable(answer: Answer, origin: str) -> None:
    """Raise StepError unless a page of `origin` may read the answer."""
    if _allowed(answer) not in ("*", origin):
        raise StepError(
            f"a page of {origin} may not read this answer: "
            f"Access-Control-Allow-Origin is {_allowed(answer)!r}; {answer}"
        )


def _allowed(answer: Answer) -> str:
    return answer.headers.get("access-control-allow-origin", "")
