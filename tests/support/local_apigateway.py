"""An API of an emulator with the API Gateway supplement, and a client of it."""

import http.client
import json
from pathlib import Path
from typing import Any

from tests.support.local_emulator import ACCOUNT, REGION, Emulator, arn_of, role, until

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
CONTENT_TYPES = ("application/json", "text/plain", "text/plain;charset=UTF-8")
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
        "requestTemplates": dict.fromkeys(CONTENT_TYPES, template),
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
    throttled = {"ResourcePath": "/~1slow", "HttpMethod": "POST"}
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

    def __init__(self, emulator: Emulator, log: Path):
        self.emulator = emulator
        self._log = log
        self.api_id = emulator.deploy("api", resources())["Api"]

    def send(
        self, path: str, body: bytes = b"{}", method: str = "POST", **headers: str
    ) -> tuple[int, Any, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator.port)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, f"/_aws/execute-api/{self.api_id}/v1{path}", body, named)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()

    def log(self) -> str:
        """Return what the emulator has written so far."""
        return self._log.read_text()

    def delivered(self, request_id: str) -> dict[str, Any]:
        """Wait for what a request has put into the stream."""

        def find() -> dict[str, Any] | None:
            text = "".join(b.decode() for b in self.emulator.objects("clicks", "raw/").values())
            records = json.loads(f"[{text.replace('}{', '},{')}]")
            return next((record for record in records if record["id"] == request_id), None)

        return until(find)
