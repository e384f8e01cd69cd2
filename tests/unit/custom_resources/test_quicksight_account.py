"""The account and the principal that QuickSight's definitions are put up for, against the stand-in.

Where the stand-in's answers come from is said in tests/support/quicksight/identities.py.
"""

import pytest

from tests.support.quicksight.custom_resource import GROUP, USER, CustomResource


def operations(custom_resource: CustomResource) -> list[str]:
    return [operation for operation, _ in custom_resource.quicksight.calls]


@pytest.mark.parametrize("edition", [None, "STANDARD"])
def test_without_the_edition_nothing_is_made_and_the_message_says_what_to_do(
    custom_resource: CustomResource, edition: str | None
) -> None:
    custom_resource.quicksight.edition = edition
    answer = custom_resource("Create")
    assert answer["Status"] == "FAILED"
    assert "Subscribe at https://quicksight.aws.amazon.com (an author costs $24 a month" in answer["Reason"]
    assert "Account 123456789012 is not subscribed for QuickSight" in answer["Reason"]
    assert operations(custom_resource) == ["ListDashboards"]


@pytest.mark.parametrize("edition", [None, "STANDARD"])
def test_deletion_from_an_account_that_never_subscribed_succeeds(
    custom_resource: CustomResource, edition: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """CloudFormation deletes what failed to be created; a FAILED here would leave a stack that cannot go."""
    custom_resource.quicksight.edition = edition
    with caplog.at_level("INFO"):
        assert custom_resource("Delete")["Status"] == "SUCCESS"
    assert "nothing to delete of type Dashboard" in caplog.text


def test_deletion_reads_the_text_of_an_error_of_another_class(
    custom_resource: CustomResource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        custom_resource.quicksight,
        "answer",
        lambda *_: (401, {"Message": "Account 1 is not signed up with QuickSight"}, "AccessDeniedException"),
    )
    assert custom_resource("Delete")["Status"] == "SUCCESS"


def test_deletion_fails_if_it_may_not_look(custom_resource: CustomResource) -> None:
    """An IAM denial does not mean that nothing is there."""
    custom_resource("Create")
    custom_resource.quicksight.calls.clear()
    custom_resource.quicksight.faults = {0: "AccessDeniedException"}
    assert custom_resource("Delete")["Status"] == "FAILED"


def test_an_update_after_the_subscription_has_ended_says_so(custom_resource: CustomResource) -> None:
    custom_resource("Create")
    custom_resource.quicksight.edition = None
    answer = custom_resource("Update")
    assert answer["Status"] == "FAILED"
    assert "This account has no subscription" in answer["Reason"]


@pytest.mark.parametrize(
    ("principal", "reason"),
    [
        (USER.replace("owner", "reader"), "the user is a READER, and readers cannot own data sets"),
        (USER.replace("owner", "reader-pro"), "the user is a READER_PRO"),
        (USER.replace("owner", "restricted-reader"), "the user is a RESTRICTED_READER"),
        (USER.replace("owner", "invited"), "the user is inactive: whoever was invited has to sign in"),
        (USER.replace("owner", "nobody"), "namespace default has no user nobody"),
        (USER.replace("default", "other"), "namespace other has no user owner"),
        (USER.replace("123456789012", "210987654321"), "it belongs to account 210987654321"),
        (
            USER.replace("us-east-1", "eu-central-1"),
            "identity region, us-east-1, and the ARN says eu-central-1",
        ),
        (GROUP.replace("us-east-1", "eu-central-1"), "`aws quicksight list-groups --region us-east-1`"),
    ],
)
@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_a_principal_that_cannot_own_is_rejected_before_anything_is_made(
    custom_resource: CustomResource, request_type: str, principal: str, reason: str
) -> None:
    if request_type == "Update":
        custom_resource("Create")
    before = custom_resource.state()
    custom_resource.quicksight.calls.clear()
    answer = custom_resource(request_type, principal, old=USER)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(f"QuickSightPrincipalArn {principal}: ")
    assert reason in answer["Reason"]
    assert set(operations(custom_resource)) <= {
        "ListDashboards",
        "DescribeUser",
        "DescribeGroup",
    }
    assert len(operations(custom_resource)) <= 2  # what does not pass is not waited for
    if request_type == "Update":
        assert (
            custom_resource("Update", USER, old=principal)["Status"] == "SUCCESS"
        )  # CloudFormation's way back
    assert custom_resource.state() == before


@pytest.mark.parametrize("principal", [USER, USER.replace("owner", "admin"), GROUP])
def test_authors_admins_and_groups_can_own(custom_resource: CustomResource, principal: str) -> None:
    assert custom_resource("Create", principal)["Status"] == "SUCCESS"
    assert all(list(asset["permissions"]) == [principal] for asset in custom_resource.state().values())


def test_the_way_back_does_not_ask_for_a_principal_that_has_left(custom_resource: CustomResource) -> None:
    """A stack whose principal was deleted in QuickSight can still be updated, and rolled back."""
    nobody = USER.replace("owner", "nobody")
    custom_resource("Create")
    for asset in (asset for kind in custom_resource.quicksight.kinds.values() for asset in kind.values()):
        asset["permissions"] = {nobody: asset["permissions"][USER]}
    assert custom_resource("Update", nobody, old=nobody)["Status"] == "SUCCESS"


def test_a_right_that_does_not_hold_yet_is_waited_for(custom_resource: CustomResource) -> None:
    """IAM policies take effect after seconds, and the custom resource's is as new as the request."""
    custom_resource.quicksight.faults = {
        0: "AccessDeniedException",
        1: "AccessDeniedException",
        3: "AccessDeniedException",
    }
    assert custom_resource("Create")["Status"] == "SUCCESS"
