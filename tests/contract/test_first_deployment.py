"""docs/first-deployment.md names regions, parameters, resources and log groups as they are."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cfnlint.helpers import REGIONS
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.support import ROOT, source_template
from tests.support.template import built, parameters, translated

DOCS = ROOT / "docs"
PAGE = (DOCS / "first-deployment.md").read_text()
BUDGET = "AWS::Budgets::Budget"
SES = {
    f"AWS::SES::{name}" for name in ("EmailIdentity", "ConfigurationSet", "ConfigurationSetEventDestination")
}
# The regions of the partition `aws`: the others need accounts of their own.
PUBLIC = {region for region in REGIONS if not re.match(r"cn-|us-gov-|us-iso|eu-iso|eusc-", region)}
# Names in capitals and small letters that are AWS's and not the template's.
AWS_WORDS = {"AccessDeniedException", "IfExists", "RetainExceptOnCreate", "ReservedConcurrentExecutions"}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return source_template()


def regions(row: str) -> set[str]:
    """Return the regions that a row of the page's table names."""
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {row} |")]
    return set(re.findall(r"`([a-z]+-[a-z]+-\d)`", line))


@pytest.mark.slow
def test_each_region_is_in_the_row_that_fits(built_project: Path) -> None:
    template = built(built_project)
    resources = translated(template, parameters(template, on=True))["Resources"].values()
    used = {resource["Type"] for resource in resources if not resource["Type"].startswith("Custom::")}
    lacking = {region: used - types(region) for region in PUBLIC}
    assert regions("all types") == {region for region in PUBLIC if not lacking[region]}
    assert regions(f"all types but `{BUDGET}`") == {r for r in PUBLIC if lacking[r] == {BUDGET}}
    assert regions("neither the budget nor Amazon SES") == {
        region for region in PUBLIC if {BUDGET} < lacking[region] <= {BUDGET, *SES}
    }
    without = {region for region in PUBLIC if "AWS::QuickSight::Dashboard" not in types(region)}
    assert regions("no QuickSight dashboards") == without


def types(region: str) -> set[str]:
    return set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region=region))


def test_names_are_those_of_the_template(template: dict[str, Any]) -> None:
    names = {*template["Parameters"], *template["Resources"], *template["Outputs"]}
    words = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][A-Za-z]*)+)(?:=[^`]*)?`", PAGE))
    assert len(words) > 20
    assert words - names - AWS_WORDS == set()


def test_log_groups_are_those_of_the_template(template: dict[str, Any]) -> None:
    groups = {
        resource["Properties"]["LogGroupName"]["Fn::Sub"].replace("${AWS::StackName}", "STACK")
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Logs::LogGroup"
    }
    named = set(re.findall(r"`(/menulens/STACK/[a-z-]+)`", PAGE))
    assert named
    assert named <= groups


def test_custom_resources_buckets_and_alarms_are_counted_right(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    custom = {name for name, resource in resources.items() if resource["Type"].startswith("Custom::")}
    sentence = re.search(r"Five resources use the\s+function: ([^.]*)\.", PAGE)
    assert sentence
    assert set(re.findall(r"`(\w+)`", sentence[1])) == custom
    kinds = [resource["Type"] for resource in resources.values()]
    assert kinds.count("AWS::S3::Bucket") == 4
    assert "the stack needs three, four with `OwnerDashboard`" in PAGE
    assert kinds.count("AWS::CloudWatch::Alarm") < 20
    assert "fewer than 20" in PAGE


def test_what_cannot_occur_cannot(template: dict[str, Any]) -> None:
    assert "ReservedConcurrentExecutions" not in (ROOT / "template.yaml").read_text()
    with (ROOT / "samconfig.toml").open("rb") as file:
        settings = tomllib.load(file)
    for name in ("default", "prod"):
        assert settings[name]["deploy"]["parameters"]["capabilities"] == "CAPABILITY_IAM"
        assert f"`{settings[name]['global']['parameters']['stack_name']}`" in PAGE
    export = template["Resources"]["Database"]["Properties"]["DatabaseInput"]["Name"]["Fn::If"][2]
    assert f"### No export named {export['Fn::ImportValue']} found" in PAGE


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https://)([^)#]*)(?:#([^)]*))?\)", PAGE)
    assert len(links) > 10
    for path, anchor in links:
        text = (DOCS / path).read_text() if path else PAGE
        assert not anchor or anchor in {slug(heading) for heading in re.findall(r"(?m)^#+ (.*)$", text)}


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
