"""The API Gateway supplement, seen by an HTTP client: requests, answers, and what reaches the stream."""

import base64
import gzip
import http.client
import json
import uuid
from typing import Any

import pytest

from tests.integration.local_emulator import ACCOUNT, REGION, Emulator, arn_of, role, running, until

CORS = "'https://menu.example'"
REQUEST_TEMPLATE = """
#set($first = '{"body":"')
#set($second = '","agent":"')
#set($third = '","ip":"')
#set($fourth = '","id":"')
#set($fifth = '","time":')
#set($last = '}')
#set($data = "$first$util.base64Encode($input.body)$second$util.base64Encode($context.identity.userAgent)")
#set($data = "$data$third$context.identity.sourceIp$fourth$context.requestId")
#set($data = "$data$fifth$context.requestTimeEpoch$last")
{"DeliveryStreamName": "clicks", "Record": {"Data": "$util.base64Encode($data)"}}
"""
HEADERS = {"method.response.header.Access-Control-Allow-Origin": CORS}
RESPONSES = {
    "200": {
        "statusCode": "202",
        "responseParameters": {
            **HEADERS,
            "method.response.header.X-Type": "integration.response.header.Content-Type",
            "method.response.header.X-Stage": "context.stage",
        },
        "responseTemplates": {
            "application/json": '{"record_id":"$input.path(\'$.RecordId\')","id":"$context.requestId"}'
        },
    },
    "default": {
        "statusCode": "503",
        "responseParameters": HEADERS,
        "responseTemplates": {"application/json": '{"type":"$input.path("$.__type")"}'},
    },
}
EVENT = {
    "type": "object",
    "required": ["source_menu", "element_clicked"],
    "additionalProperties": False,
    "properties": {
        "source_menu": {"type": "string", "minLength": 1, "maxLength": 8},
        "element_clicked": {"type": "string", "pattern": "^never$"},
        "time_spent": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 500},
        "event_type": {"type": "string", "enum": ["a", "b"]},
    },
}


def operation(role_arn: Any, template: str = REQUEST_TEMPLATE, **properties: Any) -> dict[str, Any]:
    integration = {
        "type": "aws",
        "httpMethod": "POST",
        "uri": f"arn:aws:apigateway:{REGION}:firehose:action/PutRecord",
        "passthroughBehavior": "never",
        "requestTemplates": {"application/json": template, "text/plain": template},
        "responses": RESPONSES,
    }
    if role_arn:
        integration["credentials"] = role_arn
    return {"post": {"responses": {}, "x-amazon-apigateway-integration": integration, **properties}}


def file(role_name: str) -> dict[str, Any]:
    """Return the operation that gives out objects of the bucket `files`."""
    header = "method.response.header.Content-Type"
    integration = {
        "type": "aws",
        "httpMethod": "GET",
        "uri": f"arn:aws:apigateway:{REGION}:s3:path/files/public/{{name}}",
        "credentials": arn_of(role_name),
        "requestParameters": {"integration.request.path.name": "method.request.path.name"},
        "responses": {
            "200": {
                "statusCode": "200",
                "responseParameters": {header: "integration.response.header.Content-Type"},
            },
            "default": {"statusCode": "404", "responseTemplates": {"application/json": "none"}},
        },
    }
    return {"get": {"responses": {}, "x-amazon-apigateway-integration": integration}}


def validated(schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"requestBody": {"content": content}, "x-amazon-apigateway-request-validator": "body"}


def document() -> dict[str, Any]:
    allowed = arn_of("Writer")
    preflight = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 204}'},
        "responses": {"default": {"statusCode": "204", "responseParameters": HEADERS}},
    }
    return {
        "openapi": "3.0.1",
        "info": {"title": "test", "version": "1"},
        "paths": {
            "/raw": {
                **operation(allowed),
                "options": {"responses": {}, "x-amazon-apigateway-integration": preflight},
            },
            "/event": operation(allowed, **validated("Event")),
            "/batch": operation(allowed, **validated("Batch")),
            "/keyed": operation(allowed, security=[{"api_key": []}]),
            "/slow": operation(allowed),
            "/powerless": operation(arn_of("Powerless")),
            "/untrusting": operation(arn_of("Untrusting")),
            "/conditional": operation(arn_of("Conditional")),
            "/unsigned": operation(None),
            "/files/{name}": file("Reader"),
            "/hidden/{name}": file("Powerless"),
            "/broken": operation(arn_of("Unbound"), "not JSON $input.body"),
            "/unknown": operation(allowed, '{"DeliveryStreamName": "none", "Record": {"Data": "eA=="}}'),
            "/override": operation(
                allowed,
                REQUEST_TEMPLATE + "#set($context.responseOverride.status = 299)"
                '#set($context.responseOverride.header.X-Over = "ride")',
            ),
        },
        "components": {
            "schemas": {
                "Event": EVENT,
                "Batch": {
                    "type": "object",
                    "properties": {
                        "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}
                    },
                },
            },
            "securitySchemes": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
        },
        "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": True}},
        "x-amazon-apigateway-gateway-responses": {
            "DEFAULT_4XX": {
                "responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": CORS}
            },
            "DEFAULT_5XX": {
                "responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": CORS}
            },
            "BAD_REQUEST_BODY": {
                "statusCode": 400,
                "responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": CORS},
                "responseTemplates": {
                    "application/json": '{"message":"$context.error.validationErrorString"}'
                },
            },
        },
    }


def resources() -> dict[str, Any]:
    put = ("firehose:PutRecord", f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/*")
    destination = {
        "BucketARN": arn_of("Bucket"),
        "RoleARN": arn_of("Deliverer"),
        "Prefix": "raw/!{timestamp:yyyy-MM-dd}/",
        "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
        "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 5},
    }
    throttled = {"ResourcePath": "/slow", "HttpMethod": "POST"}
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    return {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "clicks"}},
        "Writer": role("apigateway", put),
        "Files": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files"}},
        "Reader": role("apigateway", ("s3:GetObject", "arn:aws:s3:::files/public/*")),
        "Unbound": role("apigateway", ("firehose:PutRecord", "*")),
        "Powerless": role("apigateway"),
        "Untrusting": role("lambda", put),
        "Conditional": role("apigateway", put, Condition=condition),
        "Deliverer": role("firehose", ("s3:*", "*")),
        "Stream": {
            "Type": "AWS::KinesisFirehose::DeliveryStream",
            "Properties": {
                "DeliveryStreamName": "clicks",
                "ExtendedS3DestinationConfiguration": destination,
            },
        },
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {"Body": document(), "MinimumCompressionSize": 1000},
        },
        "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "DeploymentId": {"Ref": "Deployment"},
                "StageName": "v1",
                "MethodSettings": [{**throttled, "ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 0}],
            },
        },
    }


class Client:
    """A browser's view of the API."""

    def __init__(self, emulator: Emulator):
        self.emulator = emulator
        self.api_id = emulator.deploy("api", resources())["Api"]

    def send(
        self, path: str, body: bytes = b"{}", method: str = "POST", **headers: str
    ) -> tuple[int, Any, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator.port)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, f"/_aws/execute-api/{self.api_id}/v1{path}", body, named)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()

    def delivered(self, request_id: str) -> dict[str, Any]:
        """Wait for what a request has put into the stream."""

        def find() -> dict[str, Any] | None:
            text = "".join(b.decode() for b in self.emulator.objects("clicks", "raw/").values())
            records = json.loads(f"[{text.replace('}{', '},{')}]")
            return next((record for record in records if record["id"] == request_id), None)

        return until(find)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running(tmp_path_factory.mktemp("emulator")) as emulator:
        yield Client(emulator)


ADVERSARIAL = [
    b'{"a": "quotes \' \\" backslash \\\\ emoji \xf0\x9f\x8d\xa3 $text $input.body #set($x = 1) #end"}',
    b'{"a":1}{"b":2}',
    b'{"a":\n\t"#if(true)"}\r\n',
    b"not JSON at all \x00 ${context.requestId} ##",
    b"",
]


@pytest.mark.parametrize("body", ADVERSARIAL)
def test_every_body_comes_out_of_the_stream_byte_true(api: Client, body: bytes) -> None:
    agent = 'Mozilla "} \\" $context.stage #stop \xff'
    status, headers, answer = api.send(
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
    record = api.delivered(reply["id"])
    assert base64.b64decode(record["body"]) == body
    assert base64.b64decode(record["agent"]).decode() == agent
    assert record["ip"] == "1.2.3.4"
    assert 1.7e12 < record["time"] < 1e13


def test_without_media_type_and_forwarding_the_template_for_json_and_the_peer_are_taken(api: Client) -> None:
    status, headers, _ = api.send("/raw", b"{}")
    assert status == 202
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"
    assert headers["X-Type"].startswith("application/x-amz-json")
    assert headers["X-Stage"] == "v1"
    assert api.delivered(headers["x-amzn-RequestId"])["ip"] == "127.0.0.1"


def test_a_template_overrides_status_and_headers(api: Client) -> None:
    status, headers, _ = api.send("/override")
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
def test_an_error_of_the_service_goes_through_the_default_response(api: Client, path: str, kind: str) -> None:
    status, headers, body = api.send(path)
    assert status == 503
    assert kind in json.loads(body)["type"]
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


def test_a_role_that_trusts_another_service_is_a_configuration_error(api: Client) -> None:
    status, headers, body = api.send("/untrusting")
    assert status == 500
    assert "Internal server error" in json.loads(body)["message"]
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


def test_a_role_may_ask_for_the_account_that_the_service_acts_for(api: Client) -> None:
    assert api.send("/conditional")[0] == 202


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
def test_a_refused_body_is_told_why_in_valid_json(api: Client, body: Any, message: str) -> None:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, headers, answer = api.send("/event", sent, Content_Type="application/json")
    assert (status, json.loads(answer)["message"]) == (400, message)
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


def test_models_refer_to_models(api: Client) -> None:
    status, _, answer = api.send("/batch", json.dumps({"events": [VALID, {}]}).encode())
    assert (status, json.loads(answer)["message"]) == (400, f"[{MISSING}]")
    assert api.send("/batch", json.dumps({"events": [VALID]}).encode())[0] == 202


def test_what_aws_ignores_in_a_model_is_ignored(api: Client) -> None:
    body = {**VALID, "unknown": 1, "time_spent": 0}
    assert api.send("/event", json.dumps(body).encode())[0] == 202


def test_a_media_type_without_a_model_is_not_validated(api: Client) -> None:
    assert api.send("/event", b"nonsense", Content_Type="text/plain")[0] == 202


def test_a_body_over_ten_mebibytes_is_too_large(api: Client) -> None:
    status, headers, _ = api.send("/raw", b"x" * (10 * 1024 * 1024 + 1))
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
    api: Client, path: str, headers: dict[str, str], expected: int
) -> None:
    status, answered, body = api.send(path, **headers)
    assert status == expected
    assert json.loads(body)["message"]
    assert answered["Access-Control-Allow-Origin"] == "https://menu.example"


def test_a_preflight_is_answered_by_the_mock(api: Client) -> None:
    status, headers, body = api.send("/raw", b"", "OPTIONS", Origin="https://menu.example")
    assert (status, body) == (204, "")
    assert headers["Access-Control-Allow-Origin"] == "https://menu.example"


def test_an_object_is_given_out_by_its_name(api: Client) -> None:
    s3 = api.emulator.client("s3")
    s3.put_object(
        Bucket="files", Key="public/a b.js", Body="let a = 'ü'".encode(), ContentType="text/javascript"
    )
    status, headers, body = api.send("/files/a%20b.js", method="GET")
    assert (status, headers["Content-Type"], body) == (200, "text/javascript", "let a = 'ü'")
    assert api.send("/files/other.js", method="GET")[::2] == (404, "none")
    assert api.send("/hidden/a%20b.js", method="GET")[0] == 404


def test_only_long_answers_are_compressed_and_only_for_who_takes_it(api: Client) -> None:
    s3 = api.emulator.client("s3")
    s3.put_object(Bucket="files", Key="public/long", Body=b"x" * 1000)
    s3.put_object(Bucket="files", Key="public/short", Body=b"x" * 999)
    assert api.send("/files/long", method="GET")[1]["Content-Encoding"] is None
    assert api.send("/files/short", method="GET", Accept_Encoding="gzip")[1]["Content-Encoding"] is None
    connection = http.client.HTTPConnection("127.0.0.1", api.emulator.port)
    path = f"/_aws/execute-api/{api.api_id}/v1/files/long"
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.read()) == b"x" * 1000
