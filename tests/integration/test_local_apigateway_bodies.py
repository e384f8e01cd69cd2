"""Bodies at the local API Gateway: compressed, large, nested, broken."""

import base64
import gzip
import json
import uuid
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.apigateway.compression import MAX_BODY_BYTES
from tests.support.local_apigateway import Client

ADVERSARIAL = [
    b'{"a": "quotes \' \\" backslash \\\\ emoji \xf0\x9f\x8d\xa3 $text $input.body #set($x = 1) #end"}',
    b'{"a":1}{"b":2}',
    b'{"a":\n\t"#if(true)"}\r\n',
    b"not JSON at all \x00 ${context.requestId} ##",
    b"",
]


@pytest.mark.parametrize("body", ADVERSARIAL)
def test_every_body_comes_out_of_the_stream_byte_true(gateway: Client, body: bytes) -> None:
    agent = 'Mozilla "} \\" $context.stage #stop \xff'
    status, headers, answer = gateway.send(
        "/raw",
        body,
        Content_Type="text/plain;charset=UTF-8",
        User_Agent=agent,
        X_Forwarded_For="9.9.9.9, 1.2.3.4",
    )
    assert status == 202, answer
    reply = json.loads(answer)
    assert reply["record_id"]
    assert reply["id"] == headers["x-amzn-RequestId"]
    assert str(uuid.UUID(reply["id"])) == reply["id"]
    record = gateway.delivered(reply["id"])
    assert base64.b64decode(record["body"]) == body
    assert base64.b64decode(record["agent"]).decode() == agent
    assert record["ip"] == "1.2.3.4"
    assert 1.7e12 < record["time"] < 1e13


VALID = {"source_menu": "x", "element_clicked": "y"}
BODY = json.dumps({"text": [f"{number} 🍕" for number in range(1000)]}).encode()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("GZIP", gzip.compress(BODY, mtime=0)),
        ("deflate", zlib.compress(BODY)),
        ("identity", BODY),
        ("gzip", gzip.compress(b"", mtime=0)),  # 20 bytes, below the least size: stays as it came
    ],
)
def test_a_compressed_body_reaches_the_stream_decompressed(gateway: Client, coding: str, body: bytes) -> None:
    """The body is decompressed before templates are applied, unless it is below `minimumCompressionSize`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html
    """
    status, headers, answer = gateway.send("/raw", body, Content_Encoding=coding)
    assert status == 202, answer
    record = gateway.delivered(headers["x-amzn-RequestId"])
    if len(body) < 1000:
        assert base64.b64decode(record["body"]).startswith("\x1f\N{REPLACEMENT CHARACTER}".encode())
    else:
        assert base64.b64decode(record["body"]) == BODY


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", BODY),
        ("gzip, gzip", gzip.compress(gzip.compress(BODY, mtime=0), mtime=0)),
        ("gzip", BODY),
        ("gzip", gzip.compress(BODY, mtime=0)[:-9]),
        ("gzip", gzip.compress(BODY, mtime=0) + b"more"),
        ("deflate", gzip.compress(BODY, mtime=0)),
        ("", BODY),
    ],
)
def test_a_body_that_is_not_in_its_coding_is_unsupported(gateway: Client, coding: str, body: bytes) -> None:
    """AWS answers 415 to an unsupported coding and to a body that is not in the one named.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html
    """
    status, _, answer = gateway.send("/raw", body, Content_Encoding=coding)
    assert (status, json.loads(answer)) == (415, {"message": "Unsupported Media Type"})


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 2 * MAX_BODY_BYTES, 1_000_000_000])
def test_a_small_body_that_grows_too_large_is_too_large(gateway: Client, size: int) -> None:
    compressor = zlib.compressobj(wbits=31)
    bomb = b"".join(compressor.compress(bytes(1_000_000)) for _ in range(size // 1_000_000 + 1))
    status, headers, _ = gateway.send("/raw", bomb + compressor.flush(), Content_Encoding="gzip")
    assert status == 413
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


def test_an_integrations_request_over_ten_mebibytes_fails(gateway: Client) -> None:
    """The template makes 16 bytes of 9 (base64 twice), which passes the integration's quota of 10 MB.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """
    status, headers, answer = gateway.send("/raw", b"x" * 6_000_000)
    assert (status, json.loads(answer)) == (500, {"message": "Internal server error"})
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


NESTED = [
    b"[" * depth + b"]" * depth for depth in (500, 5_000, 9_990, 9_999, 10_000, 10_010, 100_000, 1_000_000)
]
bodies = (
    st.binary()
    | st.text().map(str.encode)
    | st.sampled_from(
        [*NESTED, b'{"a":' * 100_000, b"\xed\xa0\x80", b"\xef\xbb\xbf{}", b'"\\ud800"', b"1e999", b"NaN"]
    )
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: json.dumps(value).encode())
)


@settings(max_examples=150, deadline=None)
@given(
    body=bodies | st.builds(lambda inner: b'{"source_menu":' + inner + b"}", bodies),
    path=st.sampled_from(["/raw", "/event", "/batch"]),
    coding=st.sampled_from(["identity", "identity", "gzip", "deflate", "br"]),
)
def test_no_body_breaks_the_gateway(gateway: Client, body: bytes, path: str, coding: str) -> None:
    logged = len(gateway.log())
    status, _, answer = gateway.send(path, body, Content_Encoding=coding)
    expected = {202} if path == "/raw" else {202, 400}
    if coding != "identity":
        expected.add(415)
    if len(body) > 1_000_000 and path == "/raw":  # in base64 more than a record of Firehose takes
        expected.add(503)
    assert status in expected
    json.loads(answer)
    assert "Traceback" not in gateway.log()[logged:]


@pytest.mark.parametrize(("depth", "expected"), [(999, 202), (1_000, 400), (5_000, 400), (100_000, 400)])
def test_deep_nesting_is_no_json(gateway: Client, depth: int, expected: int) -> None:
    body = json.dumps(VALID).encode()[:-1] + b',"other":' + b"[" * depth + b"]" * depth + b"}"
    status, _, answer = gateway.send("/event", body)
    assert status == expected
    assert expected == 202 or json.loads(answer) == {"message": "Invalid JSON"}


def test_a_body_over_ten_mebibytes_is_too_large(gateway: Client) -> None:
    status, headers, _ = gateway.send("/raw", b"x" * (10 * 1024 * 1024 + 1))
    assert status == 413
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"
