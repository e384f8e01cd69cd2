"""The API Gateway supplement, seen by an HTTP client: requests, answers, and what reaches the stream."""

import base64
import gzip
import http.client
import json
import uuid
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.apigateway.compression import MAX_BODY_BYTES
from tests.support.local_apigateway import Client
from tests.support.local_emulator import running


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("emulator")
    with running(folder) as emulator:
        yield Client(emulator, folder / "emulator.log")


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


def test_without_media_type_and_forwarding_the_template_for_json_and_the_peer_are_taken(
    gateway: Client,
) -> None:
    status, headers, _ = gateway.send("/raw", b"{}")
    assert status == 202
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"
    assert headers["X-Type"].startswith("application/x-amz-json")
    assert headers["X-Stage"] == "v1"
    assert gateway.delivered(headers["x-amzn-RequestId"])["ip"] == "127.0.0.1"


def test_a_template_overrides_status_and_headers(gateway: Client) -> None:
    status, headers, _ = gateway.send("/override")
    assert status == 299
    assert headers["X-Over"] == "ride"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/powerless", "AccessDeniedException"),
        ("/unsigned", "MissingAuthenticationTokenException"),
        ("/broken", "SerializationException"),
        ("/unknown", "ResourceNotFoundException"),
    ],
)
def test_an_error_of_the_service_goes_through_the_default_response(
    gateway: Client, path: str, kind: str
) -> None:
    status, headers, body = gateway.send(path)
    assert status == 503
    assert kind in json.loads(body)["type"]
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


def test_a_role_that_trusts_another_service_is_a_configuration_error(gateway: Client) -> None:
    status, headers, body = gateway.send("/untrusting")
    assert status == 500
    assert "Internal server error" in json.loads(body)["message"]
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


def test_a_role_may_ask_for_the_account_that_the_service_acts_for(gateway: Client) -> None:
    assert gateway.send("/conditional")[0] == 202


MISSING = 'object has missing required properties (["element_clicked","source_menu"])'
VALID = {"source_menu": "x", "element_clicked": "y"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, f"[{MISSING}]"),
        (
            {**VALID, "time_spent": "x"},
            "[instance type (string) does not match any allowed primitive type"
            ' (allowed: ["integer","number"])]',
        ),
        (
            {**VALID, "event_type": "x"},
            '[instance value ("x") not found in enum (possible values: ["a","b"])]',
        ),
        (
            {**VALID, "source_menu": "", "time_spent": 600},
            '[string "" is too short (length: 0, required minimum: 1),'
            " numeric instance is greater than the required maximum (maximum: 500, found: 600)]",
        ),
        (
            {**VALID, "source_menu": 'nine "é"é!'},
            '[string "nine "é"é!" is too long (length: 10, maximum allowed: 8)]',
        ),
        (b"{", "Invalid JSON"),
        (b"", "Invalid JSON"),
        ([], '[instance type (array) does not match any allowed primitive type (allowed: ["object"])]'),
    ],
)
def test_a_refused_body_is_told_why_in_valid_json(gateway: Client, body: Any, message: str) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, headers, answer = gateway.send("/event", data, Content_Type="application/json")
    assert (status, json.loads(answer)["message"]) == (400, message)
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


def test_models_refer_to_models(gateway: Client) -> None:
    status, _, answer = gateway.send("/batch", json.dumps({"events": [VALID, {}]}).encode())
    assert (status, json.loads(answer)["message"]) == (400, f"[{MISSING}]")
    assert gateway.send("/batch", json.dumps({"events": [VALID]}).encode())[0] == 202


def test_what_aws_ignores_in_a_model_is_ignored(gateway: Client) -> None:
    body = {**VALID, "unknown": 1, "time_spent": 0}
    assert gateway.send("/event", json.dumps(body).encode())[0] == 202


def test_a_media_type_without_a_model_is_not_validated(gateway: Client) -> None:
    assert gateway.send("/event", b"nonsense", Content_Type="text/plain")[0] == 202


@pytest.mark.parametrize(
    "media_type", ["", " ", "application/xml", "text/plain; charset=utf-8", "Text/Plain", ";"]
)
def test_a_content_type_that_is_no_key_to_the_letter_is_unsupported(gateway: Client, media_type: str) -> None:
    """An absent header counts as application/json; what else has no template is a 415 under NEVER.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
    """
    status, headers, answer = gateway.send("/raw", Content_Type=media_type)
    assert (status, json.loads(answer)) == (415, {"message": "Unsupported Media Type"})
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


def test_the_other_reading_ignores_parameters(tmp_path: Path) -> None:
    with running(tmp_path, CONTENT_TYPE_PARAMETERS="ignored") as emulator:
        gateway = Client(emulator, tmp_path / "emulator.log")
        for media_type in ("text/plain", "text/plain;charset=UTF-8", "Text/Plain; charset=x", ""):
            assert gateway.send("/raw", Content_Type=media_type)[0] == (202 if media_type else 415)
        invalid = gateway.send("/event", b"{}", Content_Type="application/json; charset=x")
        assert invalid[0] == 400  # the model is found in the same way
        assert gateway.send("/raw", Content_Type="application/xml")[0] == 415


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


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/slow", {}, 429),
        ("/keyed", {}, 403),
        ("/nothing", {}, 403),
        ("/raw", {"Content_Type": "application/xml"}, 415),
    ],
)
def test_what_the_gateway_refuses_has_the_headers_of_gateway_responses(
    gateway: Client, path: str, headers: dict[str, Any], expected: int
) -> None:
    status, answered, body = gateway.send(path, **headers)
    assert status == expected
    assert json.loads(body)["message"]
    assert answered["Access-Control-Allow-Origin"] == "https://menu.example"


def test_a_preflight_is_answered_by_the_mock(gateway: Client) -> None:
    status, headers, body = gateway.send("/raw", b"", "OPTIONS", Origin="https://menu.example")
    assert (status, body) == (204, "")
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


def test_an_object_is_given_out_by_its_name(gateway: Client) -> None:
    s3 = gateway.emulator.client("s3")
    s3.put_object(
        Bucket="files", Key="public/a b.js", Body="let a = 'ü'".encode(), ContentType="text/javascript"
    )
    status, headers, body = gateway.send("/files/a%20b.js", method="GET")
    assert (status, headers["Content-Type"], body) == (200, "text/javascript", "let a = 'ü'")
    assert gateway.send("/files/other.js", method="GET")[::2] == (404, "none")
    assert gateway.send("/hidden/a%20b.js", method="GET")[0] == 404


def test_only_long_answers_are_compressed_and_only_for_who_takes_it(gateway: Client) -> None:
    s3 = gateway.emulator.client("s3")
    s3.put_object(Bucket="files", Key="public/long", Body=b"x" * 1000)
    s3.put_object(Bucket="files", Key="public/short", Body=b"x" * 999)
    assert gateway.send("/files/long", method="GET")[1]["Content-Encoding"] is None
    assert gateway.send("/files/short", method="GET", Accept_Encoding="gzip")[1]["Content-Encoding"] is None
    connection = http.client.HTTPConnection("127.0.0.1", gateway.emulator.port)
    path = f"/_aws/execute-api/{gateway.api_id}/v1/files/long"
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.read()) == b"x" * 1000
