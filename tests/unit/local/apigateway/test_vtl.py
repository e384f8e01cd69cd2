"""Mapping templates: what `$input`, `$util` and others give, and that no input is taken for a template."""

import json
from typing import Any

import pytest

from local.apigateway.vtl import Input, render

PARAMS = {"path": {"id": "7"}, "querystring": {"id": "8", "q": "a b"}, "header": {"user-agent": "Mozilla"}}


def rendered(template: str, body: str = "{}", **variables: Any) -> str:
    return render(template, {"input": Input(body, PARAMS), **variables})


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        ('{ "a": [ {"b": "ü"} , 2 ] }', "$", '{"a":[{"b":"ü"},2]}'),
        ('{"a": [{"b": "x"}]}', "$.a[0].b", '"x"'),
        ('{"a b": 1}', "$['a b']", "1"),
        ('{"a": 1}', "$.missing.b", '""'),
        ('{"a": 1}', "$.a[3]", '""'),
        ("", "$", "{}"),
        ("a=b&c=d", "$", '"a=b&c=d"'),
        ('{"a":1}{"b":2}', "$", '{"a":1}'),
        ('{"a":1e400}', "$", '{"a":null}'),
    ],
)
def test_input_json(body: str, path: str, expected: str) -> None:
    assert rendered(f'$input.json("{path}")', body) == expected


def test_input_path_gives_values_to_work_with() -> None:
    template = "#foreach($x in $input.path('$.list'))$x.name;#end"
    assert rendered(template, '{"list": [{"name": "a"}, {"name": "b"}]}') == "a;b;"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$input.params('id')", "7"),
        ("$input.params('q')", "a b"),
        ("$input.params('User-Agent')", "Mozilla"),
        ("$input.params('none')", ""),
        ("$input.params().querystring.id", "8"),
        ("$util.base64Encode('ü')", "w7w="),
        ("$util.base64Encode($context.none)", ""),
        ("$util.base64Decode('w7w=')", "ü"),
        ("$util.urlEncode('a b&ü')", "a+b%26%C3%BC"),
        ("$util.urlDecode('a+b%26%C3%BC')", "a b&ü"),
        ("$util.escapeJavaScript($context.quotes)", "\\'\\\"\\n"),
        ("$util.parseJson($context.json).a", "1"),
        ("$stageVariables.table", "events"),
        ("$context.none", ""),
        ("${context.json}!", '{"a":1}!'),
        ("$!none.of.this", ""),
    ],
)
def test_variables(expression: str, expected: str) -> None:
    context = {"quotes": "'\"\n", "json": '{"a":1}'}
    assert rendered(expression, context=context, stageVariables={"table": "events"}) == expected


@pytest.mark.parametrize(
    "text", ["$input.body", "#set($a = 1)", '"', "\\", "'", "#end", "$$", "\n", "🍣", "##"]
)
def test_input_is_never_taken_for_a_template(text: str) -> None:
    template = "#set($open = '{\"a\":')#set($all = \"$open$input.json('$')}\")$all"
    assert json.loads(rendered(template, json.dumps(text))) == {"a": text}


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert rendered("$util.base64Decode($util.base64Encode($input.path('$.a')))", '{"a": "\\ud83c"}') == "?"


def test_a_template_sets_response_overrides() -> None:
    context: dict[str, Any] = {"responseOverride": {"header": {}}}
    template = "#set($context.responseOverride.status = 400)#set($context.responseOverride.header.X-A = 'b')"
    assert rendered(template, context=context) == ""
    assert context["responseOverride"] == {"header": {"X-A": "b"}, "status": 400}
