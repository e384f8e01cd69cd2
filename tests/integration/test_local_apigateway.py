"""The API Gateway supplement, seen by an HTTP client: requests, answers, and what reaches the stream."""

import gzip
import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.local_apigateway import Client
from tests.support.local_emulator import running


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
