"""The emulator's conditions, as far as the template asks more of them than MiniStack evaluates."""

import string
from typing import Any

import pytest

from local import conditions
from tests.support import source_template

PARAMETERS = {
    "Origins": {"Value": "https://a.example, https://b.example"},
    "Email": {"Value": ""},
    "AWS::Region": {"Value": "eu-central-1"},
    "AWS::StackName": {"Value": "menulens-dev"},
}
NAME, REGION = {"Ref": "AWS::StackName"}, {"Ref": "AWS::Region"}
TRUE, FALSE = {"Fn::Equals": ["a", "a"]}, {"Fn::Equals": ["a", "b"]}


def holds(condition: dict[str, Any], **others: Any) -> bool:
    template = {
        "Parameters": {"Origins": {"Type": "CommaDelimitedList"}, "Email": {"Type": "String"}},
        "Conditions": {"It": condition} | others,
    }
    return conditions.evaluate(template, PARAMETERS)["It"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (NAME, "menulens-dev"),
        (REGION, "eu-central-1"),
        ({"Ref": "Email"}, ""),
        ({"Fn::Select": [1, {"Ref": "Origins"}]}, "https://b.example"),
        ({"Fn::Join": [",", {"Ref": "Origins"}]}, "https://a.example,https://b.example"),
        ({"Fn::Join": ["_", {"Fn::Split": ["-", NAME]}]}, "menulens_dev"),
    ],
)
def test_values_are_compared(left: Any, right: Any) -> None:
    assert holds({"Fn::Equals": [left, right]})
    assert not holds({"Fn::Equals": [left, "other"]})


def test_conditions_are_combined() -> None:
    assert holds({"Fn::And": [TRUE, {"Condition": "Other"}]}, Other=TRUE)
    assert not holds({"Fn::And": [TRUE, {"Condition": "Other"}]}, Other=FALSE)
    assert holds({"Fn::Or": [FALSE, {"Fn::Not": [FALSE]}]})
    with pytest.raises(ValueError, match="2 to 10"):
        holds({"Fn::Or": [TRUE] * 11})
    with pytest.raises(ValueError, match="Fn::Sub"):
        holds({"Fn::Equals": [{"Fn::Sub": "x"}, "x"]})


def test_the_template_rejects_names_that_make_no_database() -> None:
    """Athena names databases in lower case.

    https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
    """
    template = source_template()
    defaults = {name: {"Value": each["Default"]} for name, each in template["Parameters"].items()}

    def fits(name: str) -> bool:
        named = {"AWS::StackName": {"Value": name}}
        return conditions.evaluate(template, defaults | named)["NameFits"]

    assert all(fits(name) for name in ("menulens", "menulens-dev", "a" * 128, "m-2"))
    assert not any(fits(f"menu{letter}lens") for letter in string.ascii_uppercase)
    assert not fits("default")


def test_an_import_counts_only_in_the_branch_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Public templates import within a branch that is not taken (widdix/aws-cf-templates, `HasKmsKey`)."""
    monkeypatch.setattr(conditions, "_validate", lambda *_, **__: None)
    name = {"Fn::If": ["Fits", "a", {"Fn::ImportValue": "nobody-has-this"}]}
    template = {"Resources": {"Database": {"Type": "AWS::Glue::Database", "Properties": {"Name": name}}}}
    conditions.validate(template, {"Fits": True})
    with pytest.raises(ValueError, match="No export named nobody-has-this found"):
        conditions.validate(template, {"Fits": False})
