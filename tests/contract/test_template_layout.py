"""template.yaml is laid out for those who read it: in the console, in a diff, beside docs/architecture.md."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.support import ROOT, source_template
from tests.support.template_text import TEXT, sections

LINE_LENGTH = 140
INTERFACE = "AWS::CloudFormation::Interface"


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return source_template()


def test_each_parameter_is_in_one_group_of_the_console(template: dict[str, Any]) -> None:
    """The console shows a parameter of no group last, under "Other parameters".

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-interface.html
    """
    groups = template["Metadata"][INTERFACE]["ParameterGroups"]
    grouped = [name for group in groups for name in group["Parameters"]]
    assert Counter(grouped) == Counter(template["Parameters"].keys())
    assert grouped == list(template["Parameters"]), "Parameters has another order than its groups"
    labels = [group["Label"]["default"] for group in groups]
    assert all(labels)
    assert len(set(labels)) == len(labels)


def test_a_label_in_the_console_is_the_parameter_s_name_in_words(template: dict[str, Any]) -> None:
    """The console shows the label in place of the name, and the docs use the name."""
    labels = template["Metadata"][INTERFACE]["ParameterLabels"]
    assert labels.keys() == template["Parameters"].keys()
    for name, label in labels.items():
        assert label["default"].replace(" ", "").lower() == name.lower()
        assert template["Parameters"][name]["Description"].endswith(".")


def test_no_line_is_too_long_for_a_diff() -> None:
    assert {n: line for n, line in enumerate(TEXT.splitlines(), 1) if len(line) > LINE_LENGTH} == {}


def test_the_first_line_says_what_resolves_the_anchors() -> None:
    """CloudFormation takes neither aliases nor merge keys.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
    """
    first = TEXT.partition("\n")[0]
    assert first.startswith("#")
    assert "`sam build`" in first
    assert "anchors" in first


def test_architecture_describes_the_sections_by_their_names() -> None:
    """Neither file numbers them: a new section would change the numbers of those after it."""
    architecture = (ROOT / "docs" / "architecture.md").read_text()
    assert re.findall(r"^- \*\*(.+?)\.\*\* ", architecture, re.MULTILINE) == list(sections())
    assert len(sections()) == len(re.findall(r"^  # ----", TEXT, re.MULTILINE))
