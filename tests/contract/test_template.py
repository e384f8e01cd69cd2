"""CloudFormation takes what SAM makes of the template, in every region, whatever is turned on."""

import re
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from cfnlint.helpers import REGIONS
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from cfnlint.template import Template

from local.stack import REGION
from tests.support.template import built, decided, findings, parameters, translated, walk
from tests.support.template_text import TEXT

pytestmark = pytest.mark.slow  # cfn-lint goes through the template for every region
BUDGET = "AWS::Budgets::Budget"
NO_SUCH_BUDGET = "eu-north-1"
SES = "AWS::SES::EmailIdentity"
# An anchor, an alias or a merge key, as a value or in the place of a key.
ANCHOR = re.compile(r"^ *(?:- )*(?:\S+: )?(?:[&*]\w+|<<:)", re.MULTILINE)
# cfn-lint's rules on parameters and mappings without use: where conditions are decided, those that they read.
ONLY_IN_CONDITIONS = ("W2001", "W7001")


@pytest.fixture(scope="module")
def build(built_project: Path) -> Path:
    return built_project / ".aws-sam" / "build"


@pytest.fixture(scope="module")
def template(built_project: Path) -> dict[str, Any]:
    return built(built_project)


@pytest.fixture(scope="module", params=[True, False], ids=["all on", "all off"])
def on(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_no_value_is_null_or_empty(template: dict[str, Any], on: bool) -> None:
    """CloudFormation answers "'null' values are not allowed in templates" and deploys nothing.

    YAML ends a plain scalar of a flow mapping at a comma: what follows becomes keys without values
    (aws-samples/serverless-developer-experience-workshop-typescript#54).
    """
    values = parameters(template, on=on)
    translation = translated(template, values)
    for document in (template, translation):
        assert [path for path, value in walk(document) if value is None] == []
    final = decided(translation, values, REGION)
    assert [path for path, value in walk(final["Resources"]) if value == "" and "Fn::Join" not in path] == []


def test_the_build_resolves_anchors_and_merge_keys(template: dict[str, Any], build: Path) -> None:
    """CloudFormation takes neither aliases nor merge keys; `sam deploy` sends it the built template.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
    """
    assert ANCHOR.search(TEXT)
    assert ANCHOR.findall((build / "template.yaml").read_text()) == []


def test_cloudformation_knows_every_type_and_property(template: dict[str, Any]) -> None:
    """cfn-lint holds CloudFormation's schemas of each region; no transform hides anything from it.

    With its conditions the template is checked for two regions: cfn-lint goes through what the
    conditions leave open for all regions together, which takes it twenty minutes for every region.
    """
    values = parameters(template, on=True)
    translation = translated(template, values)
    assert "Transform" not in translation
    assert findings(translation, [REGION, NO_SUCH_BUDGET]) == []
    kinds: dict[tuple[bool, bool], list[str]] = {}
    for region in REGIONS:
        kinds.setdefault((has_budgets(region), has_ses(region)), []).append(region)
    for regions in kinds.values():
        assert findings(decided(translation, values, regions[0]), regions, *ONLY_IN_CONDITIONS) == []


def test_nothing_is_wrong_once_everything_is_off(template: dict[str, Any]) -> None:
    values = parameters(template, on=False)
    assert (
        findings(decided(translated(template, values), values, REGION), [REGION], *ONLY_IN_CONDITIONS) == []
    )


def test_a_budget_is_where_its_type_exists(template: dict[str, Any]) -> None:
    """Elsewhere CloudFormation answers "Unrecognized resource types" and deploys nothing."""
    values = parameters(template, on=True)
    translation = translated(template, values)
    with_budget = {
        region for region in REGIONS if "Budget" in decided(translation, values, region)["Resources"]
    }
    assert with_budget == {region for region in REGIONS if has_budgets(region)}
    assert REGION in with_budget
    assert NO_SUCH_BUDGET not in with_budget


def test_the_letter_is_where_its_types_exist(template: dict[str, Any]) -> None:
    values = parameters(template, on=True)
    translation = translated(template, values)
    letter = {"OwnerIdentity", "LetterConfigurationSet", "LetterEvents", "LetterFunction", "LetterSchedule"}
    for region in REGIONS:
        made = letter & decided(translation, values, region)["Resources"].keys()
        assert made == (letter if has_ses(region) else set())


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("", True),
        ("owner@example.com", True),
        ("o.w+ner_1%x'y-z@mail.example.co.uk", True),
        ("owner", False),
        ("owner@example", False),
        ("a@b.c,d@e.f", False),
        ("*@example.com", False),  # would allow every address in the policy of the role
        ("o?ner@example.com", False),
        ("${aws:username}@example.com", False),
        ("Owner <owner@example.com>", False),
        ("owner@example.com\n", False),
        ("a@b@example.com", False),
    ],
)
def test_an_owner_s_address_is_one_address_and_no_pattern(
    template: dict[str, Any], address: str, fits: bool
) -> None:
    """CloudFormation matches the whole value; SES takes the local part as it is, capitals included."""
    parameter = template["Parameters"]["OwnerEmail"]
    pattern = parameter["AllowedPattern"].removeprefix("^").removesuffix("$")
    assert bool(re.fullmatch(pattern, address)) == fits
    assert "owner@example.com" in parameter["ConstraintDescription"]


def has_ses(region: str) -> bool:
    return SES in PROVIDER_SCHEMA_MANAGER.get_resource_types(region=region)


def has_budgets(region: str) -> bool:
    return BUDGET in PROVIDER_SCHEMA_MANAGER.get_resource_types(region=region)


def test_the_data_bucket_is_removed_after_what_writes_into_it(template: dict[str, Any]) -> None:
    """CloudFormation deletes a resource after those that depend on it, and a full bucket not at all.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
    """
    graph = Template("", translated(template, parameters(template, on=True))).graph
    before = nx.ancestors(graph.graph, "DataRemoval")
    assert {"DeliveryStream", "AthenaDefinitions", "DataBucketPolicy"} <= before
    assert template["Resources"]["DataBucket"]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert nx.has_path(graph.graph, "DataRemoval", "HooksRole")
