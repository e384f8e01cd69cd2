"""The API's definition as CloudFormation gets it: translated by SAM, with all conditions on or all off."""

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from local.apigateway.content_types import choose
from local.stack import REGION
from tests.support import source_template
from tests.support.template import decided, parameters, translated

HEADER = "method.response.header."
# What senders put into the header for text or JSON, and who does.
SENT = {
    "application/json": "fetch, axios 1, requests, curl",
    "application/json;charset=utf-8": "axios 0 (transformRequest), AngularJS",
    "application/json;charset=UTF-8": "XMLHttpRequest for another charset (XHR Standard, send)",
    "application/json; charset=utf-8": "OkHttp (okhttp#2099), .NET's JsonContent, Dart's http, Volley",
    "application/json; charset=UTF-8": "Retrofit (retrofit#794), Google's HTTP client for Java",
    "text/plain": "curl",
    "text/plain;charset=UTF-8": "fetch, sendBeacon, XMLHttpRequest (Fetch Standard, extract a body)",
}


def texts(node: Any) -> Any:
    """Put a text in the place of what only a deployment knows."""
    if isinstance(node, list):
        return [texts(item) for item in node]
    if not isinstance(node, dict):
        return node
    if any(name == "Ref" or name.startswith("Fn::") for name in node):
        return json.dumps(node)
    return {name: texts(value) for name, value in node.items()}


@pytest.fixture(scope="module", params=[True, False], ids=["all on", "all off"])
def definition(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The body of the REST API in the translated template."""
    template = source_template()
    values = parameters(template, on=request.param)
    resources = decided(translated(template, values), values, REGION)["Resources"].values()
    (api,) = (resource for resource in resources if resource["Type"] == "AWS::ApiGateway::RestApi")
    return texts(api["Properties"]["Body"])


def operations(definition: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in definition["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_definition_is_valid_openapi(definition: dict[str, Any]) -> None:
    """SAM puts the headers of an OPTIONS "200" into `schema` once more (samtranslator, api_generator.py,
    `_openapi_postprocess`), whatever they hold: written as OpenAPI has them they come out invalid.
    """
    assert definition["openapi"].startswith("3.0")
    errors = [
        f"{list(error.path)}: {error.message}" for error in OpenAPIV30SpecValidator(definition).iter_errors()
    ]
    assert errors == []


def test_an_integration_answers_only_what_the_method_declares(definition: dict[str, Any]) -> None:
    """API Gateway refuses to import a mapping to a header that the method response lacks ("Invalid mapping
    expression specified"), and drops such an override.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
    """
    for name, operation in operations(definition):
        integration = operation["x-amazon-apigateway-integration"]
        if integration["type"] == "aws_proxy":  # the function answers by itself
            continue
        responses = integration["responses"]
        for response in responses.values():
            declared = operation["responses"][response["statusCode"]].get("headers", {}).keys()
            mapped = {source.removeprefix(HEADER) for source in response.get("responseParameters", {})}
            assert mapped <= declared, f"{name} {response['statusCode']}"
        assert {response["statusCode"] for response in responses.values()} <= operation["responses"].keys()


def test_an_overridden_status_is_declared_with_the_same_headers(definition: dict[str, Any]) -> None:
    """The response template of a 400 of the stream turns 500 into 413."""
    for path in ("/events", "/events/batch"):
        responses = definition["paths"][path]["post"]["responses"]
        assert responses["413"]["headers"] == responses["500"]["headers"]


@pytest.mark.parametrize("path", ["/events", "/events/batch"])
@pytest.mark.parametrize("ignored", [True, False], ids=["parameters ignored", "parameters compared"])
def test_every_content_type_that_senders_use_has_its_template_and_its_model(
    definition: dict[str, Any], path: str, ignored: bool
) -> None:
    """AWS does not document whether parameters of a content type are ignored: its page on passthrough names
    types without any. MiniStack ignores them, another emulator answers 415. Either way all must pass.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
    """
    operation = definition["paths"][path]["post"]
    templates = operation["x-amazon-apigateway-integration"]["requestTemplates"]
    models = operation["requestBody"]["content"]
    assert models.keys() == templates.keys() == SENT.keys()
    for content_type in SENT:
        headers = {"content-type": content_type}
        assert choose(templates, headers, ignored) == templates["application/json"]
        assert choose(models, headers, ignored) == models["application/json"]
    assert operation["x-amazon-apigateway-integration"]["passthroughBehavior"] == "never"
    for content_type in ("", "application/xml", "text/html", "application/x-www-form-urlencoded"):
        assert choose(templates, {"content-type": content_type}, ignored) is None


def test_errors_of_the_gateway_itself_have_the_headers_of_cors(definition: dict[str, Any]) -> None:
    """Each type falls back on DEFAULT_4XX or DEFAULT_5XX; one that is customized must say it again.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """
    responses = definition["x-amazon-apigateway-gateway-responses"]
    assert responses.keys() >= {"DEFAULT_4XX", "DEFAULT_5XX", "REQUEST_TOO_LARGE"}
    for name, response in responses.items():
        parameters = response["responseParameters"]
        assert "gatewayresponse.header.Access-Control-Allow-Origin" in parameters, name
        assert response.get("statusCode") in (None, "400", "413"), name
