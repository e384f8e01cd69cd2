"""What the API takes, in each content type, size and coding, and what it says of the rest."""

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from local.stack import LocalStack
from tests.support.deployment import EVENT, Api, eventually


@pytest.fixture(scope="module")
def stack(shared_stack: LocalStack) -> LocalStack:
    return shared_stack


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json;charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json; charset=utf-8",
        "application/json; charset=UTF-8",
        "text/plain",
        "text/plain;charset=UTF-8",
    ],
)
def test_batches_in_each_content_type(stack: LocalStack, api: Api, content_type: str) -> None:
    events = [EVENT | {"source_menu": "batch", "element_clicked": f"{content_type} {n}"} for n in range(3)]
    response = api.post({"events": events}, "batch", content_type)
    assert response.status == 202
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    eventually(stack, f"SELECT 1 AS x FROM events WHERE element_clicked LIKE '{content_type} %'", 3)


@pytest.mark.parametrize(
    ("body", "content_type", "status", "message"),
    [
        ({"element_clicked": "a"}, "application/json", 400, "source_menu"),
        ({"element_clicked": "a"}, "text/plain", 400, "source_menu"),
        (EVENT | {"event_type": "hack"}, "application/json", 400, "hack"),
        (EVENT | {"time_spent": -1}, "application/json", 400, "minimum: 0"),
        (b"{", "application/json", 400, "JSON"),
        (EVENT, "application/xml", 415, "media type"),
        (EVENT, "", 415, "media type"),
        (EVENT, "text/plain; charset=iso-8859-1", 415, "media type"),
        (b'{"note":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json", 400, "JSON"),
    ],
)
def test_the_endpoint_says_what_is_wrong(
    api: Api, body: Any, content_type: str, status: int, message: str
) -> None:
    response = api.post(body, content_type=content_type)
    assert response.status == status
    assert message.lower() in json.dumps(response.json()).lower()
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def sized(size: int) -> bytes:
    """Return a body of so many bytes, serialised as API Gateway does it again."""
    event = json.dumps(EVENT | {"note": ""}, separators=(",", ":")).encode()
    return event[:-2] + b"x" * (size - len(event)) + event[-2:]


LARGEST = 1000 * 1024


def test_what_fits_in_a_record_is_taken_to_the_byte(stack: LocalStack, api: Api) -> None:
    """The limit is that of the record, in which the envelope is too: 1,000 KiB before base64.
    https://docs.aws.amazon.com/firehose/latest/APIReference/API_Record.html
    """
    envelope = LARGEST - 1000
    low, high = envelope, LARGEST
    assert api.post(sized(low)).status == 202
    while high - low > 1:
        middle = (low + high) // 2
        status = api.post(sized(middle)).status
        assert status in (202, 413)
        low, high = (middle, high) if status == 202 else (low, middle)
    assert LARGEST - 500 < low < LARGEST - 200


@pytest.mark.parametrize(
    "size",
    [LARGEST - 1, LARGEST, LARGEST + 1, 5_000_000, 8_000_000, 9_900_000, 10_100_000, 20_000_000],
)
@pytest.mark.parametrize("path", ["one", "batch"])
def test_what_is_too_large_is_told_so_at_every_size(api: Api, size: int, path: str) -> None:
    """Above 7.5 MB base64 passes the 10 MB of an integration's request; above 10 MB the gateway answers.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """
    body = sized(size) if path == "one" else b'{"events":[' + sized(size - 13) + b"]}"
    response = api.post(body, path)
    assert response.status == 413
    assert "1,000 KiB" in response.json()["message"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
def test_a_compressed_event_of_any_size_becomes_a_row(stack: LocalStack, api: Api, coding: str) -> None:
    """AWS does not decompress what is below the API's `MinimumCompressionSize`, so that must be small.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html
    """
    event = json.dumps(EVENT | {"source_menu": "compressed", "element_clicked": coding}).encode()
    encoders: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "identity": bytes,
    }
    assert api.post(encoders[coding](event), Content_Encoding=coding).status == 202
    eventually(stack, f"SELECT 1 AS x FROM events WHERE element_clicked = '{coding}'", 1)


def test_a_large_body_may_be_sent_compressed(api: Api) -> None:
    assert api.post(gzip.compress(sized(5_000_000)), Content_Encoding="gzip").status == 413
    assert api.post(gzip.compress(sized(900_000)), Content_Encoding="gzip").status == 202
    assert api.post(sized(900), Content_Encoding="gzip").status == 415


def test_a_browser_may_ask_first(api: Api) -> None:
    response = api.options()
    assert (response.status, response.data) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
