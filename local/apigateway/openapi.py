"""Import of an OpenAPI 3 document into the emulator's REST APIs, as CloudFormation does with a `Body`.

Emulates: what ImportRestApi reads of a document. The emulator keeps only paths, verbs, URIs and security;
request and response mappings, models, validators and gateway responses are added here. A changed document
overwrites the API, which keeps its id and so its address, as PutRestApi does; the emulator's own makes
another API, and the address that pages post to is gone.

Not covered: whether AWS accepts the document, of which nothing is checked. Swagger 2 bodies are not read.
A changed document is served at once, and not from the stage's next deployment on.

Reference:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-restapi.html (Body:
"Update requires: No interruption")
"""

import json
from typing import Any

from ministack.services import apigateway_v1 as emulated
from ministack.services.cloudformation import provisioners

EXTENSION = "x-amazon-apigateway-"
_SCHEMAS = "#/components/schemas/"
_import_api = emulated._import_rest_api
_update_api = provisioners._apigw_rest_api_update


def import_api(spec: dict[str, Any], base_data: dict[str, Any] | None = None) -> str:
    """Create a REST API from a document and return its id."""
    api_id = _import_api(spec, base_data)
    for name, schema in spec.get("components", {}).get("schemas", {}).items():
        _put_model(api_id, name, schema)
    validators = {
        name: _created_id(emulated._create_request_validator(api_id, {"name": name, **validator}))
        for name, validator in spec.get(f"{EXTENSION}request-validators", {}).items()
    }
    for response_type, response in spec.get(f"{EXTENSION}gateway-responses", {}).items():
        emulated._put_gateway_response(api_id, response_type, response)
    resources = {resource["path"]: resource for resource in emulated._resources[api_id].values()}
    for path, operations in spec.get("paths", {}).items():
        resource = resources[f"/{path.strip('/')}"]
        for http_method, method in resource["resourceMethods"].items():
            operation = operations[http_method.lower()]
            validator = operation.get(
                f"{EXTENSION}request-validator", spec.get(f"{EXTENSION}request-validator")
            )
            method["requestValidatorId"] = validators.get(validator)
            method["requestModels"] = _request_models(api_id, resource["id"] + http_method, operation)
            method["requestParameters"] = _request_parameters(operation)
            _complete(method["methodIntegration"], operation.get(f"{EXTENSION}integration", {}))
    return api_id


def update_api(
    api_id: str,
    old_properties: dict[str, Any],
    properties: dict[str, Any],
    stack_name: str,
    logical_id: str | None = None,
) -> tuple[str, dict[str, str]]:
    """Update a REST API under its own id; return the id and the attributes."""
    if isinstance(properties.get("Body"), dict) and properties["Body"] != old_properties.get("Body"):
        other_id, _ = provisioners._apigw_rest_api_create(logical_id or api_id, properties, stack_name)
        _overwrite(api_id, other_id)
        return api_id, provisioners._apigw_rest_api_attrs(api_id)
    updated: tuple[str, dict[str, str]]
    updated = _update_api(api_id, old_properties, properties, stack_name, logical_id)
    return updated


def _overwrite(api_id: str, other_id: str) -> None:
    """Give an API all that a document defines of another, which is deleted; stages and deployments stay."""
    emulated._rest_apis[api_id] = emulated._rest_apis[other_id] | {
        "id": api_id,
        "createdDate": emulated._rest_apis[api_id]["createdDate"],
    }
    for store in (
        emulated._resources,
        emulated._authorizers_v1,
        emulated._gateway_responses,
        emulated._request_validators,
    ):
        store[api_id] = store.get(other_id, {})
    # A model refers to others by the address of their API.
    models = json.dumps(emulated._models[other_id]).replace(f"/restapis/{other_id}/", f"/restapis/{api_id}/")
    emulated._models[api_id] = json.loads(models)
    emulated._request_validators.pop(other_id, None)
    emulated._delete_rest_api(other_id)


def _created_id(response: tuple[int, dict[str, str], bytes]) -> str:
    return json.loads(response[2])["id"]


def _put_model(api_id: str, name: str, schema: dict[str, Any]) -> None:
    models = f"https://apigateway.amazonaws.com/restapis/{api_id}/models/"
    text = json.dumps(schema).replace(f'"$ref": "{_SCHEMAS}', f'"$ref": "{models}')
    emulated._create_model(api_id, {"name": name, "contentType": "application/json", "schema": text})


def _request_models(api_id: str, method_id: str, operation: dict[str, Any]) -> dict[str, str]:
    """Name the model of each media type; a schema written in place becomes a model of its own."""
    models = {}
    for number, (media_type, content) in enumerate(
        operation.get("requestBody", {}).get("content", {}).items()
    ):
        schema = content.get("schema")
        if schema is None:
            continue
        name = schema.get("$ref", "").removeprefix(_SCHEMAS)
        if not name:
            name = f"{method_id}{number}"
            _put_model(api_id, name, schema)
        models[media_type] = name
    return models


def _request_parameters(operation: dict[str, Any]) -> dict[str, bool]:
    location_names = {"query": "querystring", "header": "header", "path": "path"}
    return {
        f"method.request.{location_names[parameter['in']]}.{parameter['name']}": parameter.get(
            "required", False
        )
        for parameter in operation.get("parameters", [])
    }


def _complete(integration: dict[str, Any] | None, document: dict[str, Any]) -> None:
    """Add what the emulator's import leaves out of an integration."""
    if integration is None:
        return
    integration["credentials"] = document.get("credentials")
    integration["requestParameters"] = document.get("requestParameters", {})
    integration["requestTemplates"] = document.get("requestTemplates", {})
    integration["passthroughBehavior"] = document.get("passthroughBehavior", "when_no_match").upper()
    integration["integrationResponses"] = {
        str(response["statusCode"]): {
            "statusCode": str(response["statusCode"]),
            "selectionPattern": "" if str(pattern) == "default" else str(pattern),
            "responseParameters": response.get("responseParameters", {}),
            "responseTemplates": response.get("responseTemplates", {}),
        }
        for pattern, response in document.get("responses", {}).items()
    }
