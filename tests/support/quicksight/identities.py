"""Who is who in the stand-in's account: its subscription, its users and groups, and what they may be given.

There is every user of the namespace `default` but `nobody`, each an AUTHOR, but for those in USERS, and every
group. The error texts are those of public reports:

- No subscription: https://github.com/hashicorp/terraform-provider-aws/pull/32323, for users another one.
- Standard edition: https://github.com/cloud-custodian/cloud-custodian/pull/10173 meets the same class; which
  calls it hits is in the service's model: those that can answer UnsupportedUserEditionException.
- An endpoint that is not the identity region's: https://github.com/cloud-custodian/cloud-custodian/issues/10168
- Actions come in sets: https://github.com/hashicorp/terraform-provider-aws/issues/32680 (also what remains
  after a revocation), with the owner's eighteen of a data set in
  https://github.com/hashicorp/terraform-provider-aws/issues/33907; the error's text is made up.
- A reader owns nothing: https://docs.aws.amazon.com/quicksight/latest/user/sharing-data-sets.html; the
  error's text is made up. A group is accepted, whoever is in it.
"""

from collections.abc import Callable
from typing import Any

from tests.support.quicksight.model import service
from tests.support.quicksight.service_error import ServiceError

INVALID = "InvalidParameterValueException"
USERS: dict[str, dict[str, Any]] = {
    "reader": {"Role": "READER"},
    "reader-pro": {"Role": "READER_PRO"},
    "restricted-reader": {"Role": "RESTRICTED_READER"},
    "admin": {"Role": "ADMIN"},
    "invited": {"Active": False},
}
VIEW_DATA_SET = "DescribeDataSet DescribeDataSetPermissions PassDataSet DescribeIngestion ListIngestions"
CHANGE_DATA_SET = "UpdateDataSet DeleteDataSet CreateIngestion CancelIngestion UpdateDataSetPermissions"
ACTIONS = {
    "DataSource": (
        "DescribeDataSource DescribeDataSourcePermissions PassDataSource",
        "DescribeDataSource DescribeDataSourcePermissions PassDataSource UpdateDataSource DeleteDataSource "
        "UpdateDataSourcePermissions",
    ),
    "DataSet": (
        VIEW_DATA_SET,
        f"{VIEW_DATA_SET} DescribeDataSetRefreshProperties ListRefreshSchedules DescribeRefreshSchedule",
        f"{VIEW_DATA_SET} {CHANGE_DATA_SET}",
        f"{VIEW_DATA_SET} {CHANGE_DATA_SET} PutDataSetRefreshProperties DescribeDataSetRefreshProperties "
        "DeleteDataSetRefreshProperties CreateRefreshSchedule DescribeRefreshSchedule ListRefreshSchedules "
        "UpdateRefreshSchedule DeleteRefreshSchedule",
    ),
    "Theme": (
        "DescribeTheme DescribeThemeAlias ListThemeAliases ListThemeVersions",
        "DescribeTheme DescribeThemeAlias ListThemeAliases ListThemeVersions DeleteTheme UpdateTheme "
        "CreateThemeAlias DeleteThemeAlias UpdateThemeAlias UpdateThemePermissions DescribeThemePermissions",
    ),
    "Dashboard": (
        "DescribeDashboard ListDashboardVersions QueryDashboard",
        "DescribeDashboard ListDashboardVersions UpdateDashboardPermissions QueryDashboard UpdateDashboard "
        "DeleteDashboard DescribeDashboardPermissions UpdateDashboardPublishedVersion",
    ),
}


def check_edition(operation: str, params: dict[str, Any], edition: str | None) -> None:
    """Raise ServiceError if the account has not subscribed to the edition that the call needs."""
    account = params["AwsAccountId"]
    if edition is None and operation in OPERATIONS:
        namespace = params["Namespace"]
        raise ServiceError(
            "ResourceNotFoundException",
            f"Account {account} is not signed up with QuickSight with namespace {namespace}",
        )
    errors = [shape.name for shape in service().operation_model(operation).error_shapes]
    if edition is None or (edition == "STANDARD" and "UnsupportedUserEditionException" in errors):
        raise ServiceError(
            "UnsupportedUserEditionException", f"Account {account} is not subscribed for QuickSight"
        )


def check_endpoint(region: str, identity_region: str) -> None:
    """Raise ServiceError if the endpoint knows no users."""
    if region != identity_region:
        raise ServiceError(
            "AccessDeniedException",
            f"Operation is being called from endpoint {region}, but your identity region is "
            f"{identity_region}. Please use the {identity_region} endpoint.",
        )


def check_principal(arn: str, identity_region: str) -> None:
    """Raise ServiceError if the principal may not own an asset."""
    region, resource = arn.split(":")[3], arn.split(":")[5]
    if region != identity_region:
        raise ServiceError(INVALID, f"principal {arn} is not of the identity region")
    kind, _, name = resource.split("/", 2)
    if kind == "user" and "READER" in _user(name)["Role"]:
        raise ServiceError(INVALID, f"principal {arn} is a reader")


def check_actions(noun: str, actions: set[str]) -> None:
    """Raise ServiceError if the actions are none of the sets that may be granted."""
    sets = [{f"quicksight:{action}" for action in text.split()} for text in ACTIONS[noun]]
    if actions not in sets:
        raise ServiceError(INVALID, f"the actions are none of the sets for {noun}: {sorted(actions)}")


def _describe_user(params: dict[str, Any]) -> dict[str, Any]:
    name = params["UserName"]
    if name == "nobody" or params["Namespace"] != "default":
        raise ServiceError("ResourceNotFoundException", f"User {name} does not exist")
    return {"User": _user(name)}


def _describe_group(params: dict[str, Any]) -> dict[str, Any]:
    return {"Group": {"GroupName": params["GroupName"]}}


def _user(name: str) -> dict[str, Any]:
    return {"UserName": name, "Role": "AUTHOR", "Active": True} | USERS.get(name, {})


OPERATIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "DescribeUser": _describe_user,
    "DescribeGroup": _describe_group,
}
