"""The mapping templates of template.yaml, rendered with text that wants to break out of them."""

import base64
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samcli.yamlhelper import yaml_parse

from local.apigateway.vtl import Input, render
from tests.support import RECEIVED_AT, REQUEST_ID, ROOT, load_function

PARAMS: dict[str, dict[str, str]] = {"path": {}, "querystring": {}, "header": {}}
HOSTILE = (
    'quote " and \\ backslash',
    "' $input.body #set($x = 1) ${q} $!q ##",
    "\x00\x1f\u2028\n\r\t",
    "🍕 œ – 東京",
    '","request_id":"forged","x":"',
    "$context.requestId",
    "\\u0022}",
    "</script>",
    "#*",
    "*#",
    "\\",
    '"',
    "\\'",
)

texts = st.text() | st.sampled_from(HOSTILE) | st.lists(st.sampled_from(HOSTILE)).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)


def integrations() -> dict[str, Any]:
    template = yaml_parse((ROOT / "template.yaml").read_text())
    paths = template["Resources"]["IngestApi"]["Properties"]["DefinitionBody"]["paths"]
    return {
        path: item["post"]["x-amazon-apigateway-integration"]
        for path, item in paths.items()
        if "post" in item
    }


def substitute(template: dict[str, str]) -> str:
    """Do what Fn::Sub does."""
    text = template["Fn::Sub"]
    return re.sub(r"\$\{(!?)(\w+)\}", lambda m: f"${{{m[2]}}}" if m[1] else f"the-{m[2]}", text)


def put_record(body: str, user_agent: str) -> dict[str, Any]:
    template = substitute(integrations()["/events"]["requestTemplates"]["application/json"])
    context = {
        "requestId": REQUEST_ID,
        "requestTimeEpoch": RECEIVED_AT,
        "identity": {"sourceIp": "2001:db8::1", "userAgent": user_agent},
    }
    return json.loads(render(template, {"input": Input(body, PARAMS), "context": context}))


@settings(deadline=None)
@given(values, texts)
def test_what_goes_in_comes_out_and_nothing_else(body: Any, user_agent: str) -> None:
    call = put_record(json.dumps(body), user_agent)
    assert call["DeliveryStreamName"] == "the-DeliveryStream"
    record = json.loads(base64.b64decode(call["Record"]["Data"]))
    assert record == {
        "body": "" if body is None else body,  # $input.json gives an empty string for null
        "request_id": REQUEST_ID,
        "received_at": RECEIVED_AT,
        "ip": "2001:db8::1",
        "user_agent": base64.b64encode(user_agent.encode()).decode(),
    }


@pytest.mark.parametrize(
    "body",
    [
        '{"a":1}{"request_id":"forged"}',
        '{"a":1},"request_id":"forged","x":{',
        '{"request_id":"forged","body":{"element_clicked":"x"}}',
        '"},"request_id":"forged',
        "",
        "no JSON",
    ],
)
def test_no_body_can_set_what_the_edge_knows(body: str) -> None:
    data = base64.b64decode(put_record(body, "x")["Record"]["Data"])
    envelope = load_function("transform", "envelope")["envelope"]
    request, _ = envelope.open_record(data, "record", 0)
    assert request.request_id == REQUEST_ID
    assert request.ip == "2001:db8::1"


def test_both_paths_and_content_types_share_one_integration() -> None:
    one, batch = integrations().values()
    assert one == batch
    assert len({json.dumps(template) for template in one["requestTemplates"].values()}) == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("ValidationException", 413),
        ("com.amazonaws.firehose#InvalidArgumentException", 413),
        ("ResourceNotFoundException", None),
        (None, None),
    ],
)
def test_only_a_record_that_is_too_large_is_the_callers_fault(error: str | None, status: int | None) -> None:
    template = integrations()["/events"]["responses"]["400"]["responseTemplates"]["application/json"]
    context: dict[str, Any] = {"responseOverride": {}}
    body = json.dumps({"__type": error, "message": 'with "quotes"'} if error else {})
    answer = json.loads(render(template, {"input": Input(body, PARAMS), "context": context}))
    assert context["responseOverride"].get("status") == status
    assert "message" in answer
