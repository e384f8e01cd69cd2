"""The workgroup: what people may spend on a query, and what becomes of the results."""

from typing import Any

import pytest

from tests.support import source_template


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    return source_template()["Resources"]


def test_a_query_is_limited_whatever_its_client_asks_for(resources: dict[str, Any]) -> None:
    settings = resources["WorkGroup"]["Properties"]["WorkGroupConfiguration"]
    assert settings["EnforceWorkGroupConfiguration"] is True
    assert settings["EngineVersion"] == {"SelectedEngineVersion": "Athena engine version 3"}
    dollars = settings["BytesScannedCutoffPerQuery"] * 5 / 1e12
    assert 0 < dollars <= 0.05
    with_key, without = settings["ResultConfiguration"]["EncryptionConfiguration"]["Fn::If"][1:]
    assert (with_key["EncryptionOption"], without["EncryptionOption"]) == ("SSE_KMS", "SSE_S3")


def test_results_are_private_and_expire(resources: dict[str, Any]) -> None:
    bucket = resources["QueryResultsBucket"]["Properties"]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    (expiry,) = [rule for rule in bucket["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in rule]
    assert expiry["Status"] == "Enabled"
    assert expiry["ExpirationInDays"] <= 30
    assert "Prefix" not in expiry


def test_the_hook_may_save_queries_in_its_own_work_group_only(resources: dict[str, Any]) -> None:
    statements = [
        statement
        for policy in resources["HooksRole"]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "Fn::If" not in statement
    ]
    (athena,) = [s for s in statements if any("NamedQuery" in action for action in s["Action"])]
    assert str(athena["Resource"]).endswith("workgroup/${WorkGroup}'}")
    used = {"List", "BatchGet", "Create", "Update", "Delete"}
    assert {action for action in athena["Action"] if "Named" in action} == {
        f"athena:{verb}NamedQuer{'ies' if verb == 'List' else 'y'}" for verb in used
    }
