"""Serves the owner's dashboard to whoever has its key: `GET /dashboard` and `POST /dashboard/session`."""

import json
import logging
import os
from functools import cache
from hashlib import sha256
from typing import Any

import boto3
from botocore.exceptions import ClientError

from access import ACCESS_KEY, Access
from login import Pages

logger = logging.getLogger()
logger.setLevel(logging.INFO)

PAGE_KEY = "dashboard.html"
TODAY_KEY = "today.json"
TODAY = "%%menulens-today%%"  # the mark in the page; functions/report/shell.py has the same
LONGEST_BODY = 1024  # bytes; a key has 43
PAGES = Pages(os.environ["OWNER_LANGUAGE"])

# The page itself says in a meta element which scripts it has; that element cannot forbid frames.
EVERYWHERE = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
LOGIN_POLICY = (
    f"default-src 'none'; script-src {PAGES.source('script')}; style-src {PAGES.source('style')};"
    f" img-src data:; connect-src 'self'; {EVERYWHERE}"
)
HEADERS = {
    "Content-Security-Policy": EVERYWHERE,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
HTML = {"Content-Type": "text/html; charset=utf-8"}
type Response = dict[str, Any]


def handler(event: dict[str, Any], context: Any) -> Response:
    """Answer a request of API Gateway's Lambda proxy integration.

    Without a valid session, and whatever is wrong with a key, the answer is 403 and gives no hint. Raises
    botocore's errors, for which API Gateway answers 502.
    """
    headers = _headers(event)
    access = _access()
    if event["httpMethod"] == "POST":
        return _session(access, event)
    if access is None or not access.admits(headers.get("cookie", "")):
        return _answer(403, PAGES.login, HTML | {"Content-Security-Policy": LOGIN_POLICY})
    return _page(headers.get("if-none-match", ""))


def _session(access: Access | None, event: dict[str, Any]) -> Response:
    """Exchange the key in the body for a cookie."""
    if access is None or not access.opens(_key(event.get("body") or "")):
        logger.info("session refused")
        return _answer(403, '{"message": "Forbidden"}', {"Content-Type": "application/json"})
    logger.info("session opened")
    return _answer(204, "", {"Set-Cookie": access.new_cookie()})


def _key(body: str) -> str:
    """Return the key in a body; an empty text, which is none, for everything else."""
    try:
        document = json.loads(body if len(body) <= LONGEST_BODY else "")
        key = document["key"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return key if isinstance(key, str) else ""


def _page(known: str) -> Response:
    """Return the page, with the figures of the running day; 304 if the browser has it already."""
    page, today = _object(PAGE_KEY), _object(TODAY_KEY)
    if page is None:
        return _answer(503, PAGES.not_yet, HTML | {"Retry-After": "60"})
    tag = f'"{sha256(page + (today or b"")).hexdigest()[:32]}"'
    caching = {"Cache-Control": "private, no-cache", "ETag": tag}
    if tag in known:
        return _answer(304, "", caching)
    text = page.decode().replace(TODAY, "null" if today is None else today.decode())
    return _answer(200, text, HTML | caching)


def _access() -> Access | None:
    stored = _object(ACCESS_KEY)
    return None if stored is None else Access.read(stored)


def _object(key: str) -> bytes | None:
    try:
        body = _s3().get_object(Bucket=os.environ["REPORT_BUCKET"], Key=key)["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return None
    content: bytes = body.read()
    return content


@cache
def _s3() -> Any:
    return boto3.client("s3")


def _headers(event: dict[str, Any]) -> dict[str, str]:
    """Return the request's headers by their names in lower case; of one that came twice, both."""
    return {name.lower(): "; ".join(values) for name, values in (event["multiValueHeaders"] or {}).items()}


def _answer(status: int, body: str, headers: dict[str, str]) -> Response:
    return {
        "statusCode": status,
        "headers": {"Cache-Control": "no-store"} | HEADERS | headers,
        "body": body,
    }
