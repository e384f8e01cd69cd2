"""The mapping templates of template.yaml, rendered with text that wants to break out of them."""

import base64
import json
import re
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.apigateway.vtl import Input, render
from tests.support import RECEIVED_AT, REQUEST_ID, load_function, source_template

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


@cache
def integrations() -> dict[str, Any]:
    template = source_template()
    paths = template["Resources"]["IngestApi"]["Properties"]["DefinitionBody"]["paths"]
    return {
        path: item["post"]["x-amazon-apigateway-integration"]
        for path, item in paths.items()
        if "post" in item
    }


def substitute(template: dict[str, Any], **values: str) -> str:
    """Do what Fn::Sub does, in one that it contains first."""
    text = template["Fn::Sub"]
    if isinstance(text, list):
        text, variables = text
        inner = {
            name: substitute(variable, **values)
            for name, variable in variables.items()
            if "Fn::Sub" in variable
        }
        values = values | inner
    return re.sub(r"\$\{(\w+)\}", lambda match: values.get(match[1], f"the-{match[1]}"), text)


def put_record(
    body: str,
    user_agent: str,
    has_api_key: str = "false",
    trusts_proxies: bool = False,
    params: dict[str, dict[str, str]] = PARAMS,
) -> dict[str, Any]:
    template = integrations()["/events"]["requestTemplates"]["application/json"]
    _, trusting, trusting_nobody = template["Fn::Sub"][1]["Forwarded"]["Fn::If"]
    forwarded = trusting if trusts_proxies else trusting_nobody
    template = substitute(template, HasApiKey=has_api_key, Forwarded=forwarded)
    context = {
        "requestId": REQUEST_ID,
        "requestTimeEpoch": RECEIVED_AT,
        "identity": {"sourceIp": "2001:db8::1", "userAgent": user_agent},
    }
    return json.loads(render(template, {"input": Input(body, params), "context": context}))


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
        "has_api_key": False,
    }


def test_the_envelope_says_whether_the_stack_requires_its_key() -> None:
    """With `RequireApiKey`, API Gateway answers 403 to a request without the key before any template.

    `$context.identity.apiKeyId` says the same, and is null for a method that requires no key: a template that
    relied on how null is rendered would take every crawler for a server if that were not empty.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    """
    _, variables = integrations()["/events"]["requestTemplates"]["application/json"]["Fn::Sub"]
    assert variables["HasApiKey"] == {"Fn::If": ["NeedsApiKey", "true", "false"]}
    record = json.loads(base64.b64decode(put_record("{}", "till", has_api_key="true")["Record"]["Data"]))
    assert record["has_api_key"] is True


@given(texts)
def test_the_header_of_trusted_proxies_comes_in_as_it_was(forwarded: str) -> None:
    params = {**PARAMS, "header": {"X-Forwarded-For": forwarded}}
    call = put_record("{}", "x", trusts_proxies=True, params=params)
    record = json.loads(base64.b64decode(call["Record"]["Data"]))
    assert base64.b64decode(record["forwarded_for"]) == forwarded.encode("utf-8", "replace")
    assert record.keys() == {
        "body",
        "request_id",
        "received_at",
        "ip",
        "user_agent",
        "has_api_key",
        "forwarded_for",
    }


def test_a_query_string_is_not_taken_for_the_header() -> None:
    """`$input.params(x)` searches path, query string and headers "in that order".

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    The name's case is API Gateway's own, which adds the header: dumps of all headers have it so.
    """
    params = {
        **PARAMS,
        "querystring": {"X-Forwarded-For": "forged"},
        "header": {"X-Forwarded-For": "192.0.2.1"},
    }
    call = put_record("{}", "x", trusts_proxies=True, params=params)
    record = json.loads(base64.b64decode(call["Record"]["Data"]))
    assert base64.b64decode(record["forwarded_for"]) == b"192.0.2.1"


def test_without_the_header_there_is_none() -> None:
    record = json.loads(base64.b64decode(put_record("{}", "x", trusts_proxies=True)["Record"]["Data"]))
    assert record["forwarded_for"] == ""


@pytest.mark.parametrize(
    "body",
    [
        '{"a":1}{"request_id":"forged"}',
        '{"a":1},"request_id":"forged","x":{',
        '{"request_id":"forged","body":{"element_clicked":"x"}}',
        '"},"request_id":"forged',
        '{"a":1,"imported":true}',
        '{"a":1},"imported":true,"x":{"a":1}',
        '{"a":1}},{"imported":true',
        '{"request_id":"forged","received_at":1,"imported":true,"body":{"element_clicked":"x"}}',
        '{"a":1},"has_api_key":true,"x":{"a":1}',
        "",
        "no JSON",
    ],
)
def test_no_body_can_set_what_the_edge_knows(body: str) -> None:
    data = base64.b64decode(put_record(body, "x")["Record"]["Data"])
    envelope = load_function("transform", "envelope")["envelope"]
    request, _ = envelope.decode(data, "record", 0)
    assert request.request_id == REQUEST_ID
    assert request.received_at == RECEIVED_AT
    assert request.ip == "2001:db8::1"
    assert request.imported is False
    assert request.has_api_key is False


def test_nothing_hangs_on_the_escape_of_fn_sub() -> None:
    """Fn::Sub writes `${!q}` as `${q}`, as documented and as the emulator does. Whether each tool between
    here and CloudFormation does so too is not known. To Fn::Sub `$!{q}` is text, to Velocity the variable.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
    https://velocity.apache.org/engine/devel/vtl-reference.html
    """
    assert "${!" not in json.dumps(integrations())
    template = substitute(integrations()["/events"]["requestTemplates"]["application/json"], HasApiKey="true")
    assert "$!{q}" in template
    assert "${" not in template


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("x" * 1_023_900, True),
        (
            "x" * 1_023_998,
            True,
        ),  # with its quotes 1,024,000 characters, and with the envelope a record too large
        ("x" * 1_023_999, False),
        ("€" * 1_023_998, True),  # three bytes each, the most for a character of Java's: still below 10 MB
        ("x" * 10_400_000, False),
    ],
)
def test_a_body_that_fits_in_no_record_is_not_sent(text: str, sent: bool) -> None:
    """An integration's request above 10 MB, a quota of API Gateway, fails with a 500 (inferred), and base64
    makes three bytes four. What is put instead lacks a required member. A service of this protocol answers
    that with the ValidationException "Value null at 'record.data' failed to satisfy constraint: Member must
    not be null"; another emulator of Firehose has the same text.

    `length()` is that of Java's String. Public stacks use its methods: `$input.body.split('<Code>')`
    (aws/aws-pdk#771), `$input.body.length()`. Without it the comparison is false, and the body is sent.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    https://docs.aws.amazon.com/firehose/latest/APIReference/API_Record.html
    """
    call = put_record(json.dumps(text, ensure_ascii=False), "agent")
    assert call["Record"].keys() == ({"Data"} if sent else set())
    assert call["DeliveryStreamName"] == "the-DeliveryStream"
    assert len(json.dumps(call)) < 10 * 1024 * 1024


def test_both_paths_and_content_types_share_one_integration() -> None:
    single, batch = integrations().values()
    assert single == batch
    assert len({json.dumps(template) for template in single["requestTemplates"].values()}) == 1


def respond(pattern: str, body: str = "{}", **headers: str) -> tuple[Any, dict[str, Any]]:
    """Render the answer to what the stream says, and return it with what it overrides."""
    template = integrations()["/events"]["responses"][pattern]["responseTemplates"]["application/json"]
    context: dict[str, Any] = {"responseOverride": {"header": {}}}
    text = substitute(template, Origins="https://www.example.com,https://menu.example.com:8443")
    variables = {"input": Input(body, PARAMS | {"header": headers}), "context": context}
    return json.loads(render(text, variables)), context


@pytest.mark.parametrize("pattern", ["200", "400", "default"])
@pytest.mark.parametrize("header", ["Origin", "origin"])
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://www.example.com", True),
        ("https://menu.example.com:8443", True),
        ("https://menu.example.com", False),
        ("http://www.example.com", False),
        ("https://www.example.com.evil.example", False),
        ("https://example.com", False),
        ("evil", False),
        ("", False),
        ("null", False),
        ("$context.requestId", False),
        ("https://www.example.com'), #set($context.responseOverride.status = 500)", False),
    ],
)
def test_only_an_origin_of_the_list_is_allowed(pattern: str, header: str, origin: str, allowed: bool) -> None:
    _, context = respond(pattern, **{header: origin})
    override = context["responseOverride"]
    assert override == {"header": {"Access-Control-Allow-Origin": origin} if allowed else {}}


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
    body = json.dumps({"__type": error, "message": 'with "quotes"'} if error else {})
    answer, context = respond("400", body)
    assert context["responseOverride"].get("status") == status
    assert "message" in answer
