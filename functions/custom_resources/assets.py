"""QuickSight's assets: data sources, data sets, themes and dashboards, whatever is in them.

All of them are made in the background: a call only begins, and Describe tells how it ends. The rules are
those of https://docs.aws.amazon.com/quicksight/latest/APIReference/ and, where it is silent, of experience: a
data set that was just made may not be found for a while, and QuickSight may not be able to use its own role
at once.
"""

import re
import time
from collections.abc import Callable, Collection
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

PAUSE = 2  # seconds between two looks at what is in progress
ROLE_SECONDS = 120  # until QuickSight can assume a role that was just made
POLICY_SECONDS = 30  # until a policy that was just attached holds
PASSING = ("ResourceNotFoundException",)  # of what was just made
CONFIG = Config(connect_timeout=5, read_timeout=20)  # so that an answer is left time to be given
VERSIONED = ("Theme", "Dashboard")
IN_PROGRESS = re.compile(r"(CREATION|UPDATE)_IN_PROGRESS")
# Errors by which QuickSight says that there is nothing to do; their classes say it of other things too.
GONE = re.compile(r"ResourceNotFoundException|does not have lookback window configuration")
SAME = re.compile(r"same as the existing configuration")
NOT_SUBSCRIBED = re.compile(r"UnsupportedUserEditionException|not subscribed|not signed up")

# What an owner may do with an asset. QuickSight takes these sets only, or those of readers.
OWNER = {
    "DataSource": """
        DescribeDataSource DescribeDataSourcePermissions PassDataSource UpdateDataSource DeleteDataSource
        UpdateDataSourcePermissions
    """,
    "DataSet": """
        DescribeDataSet DescribeDataSetPermissions PassDataSet DescribeIngestion ListIngestions UpdateDataSet
        DeleteDataSet CreateIngestion CancelIngestion UpdateDataSetPermissions PutDataSetRefreshProperties
        DescribeDataSetRefreshProperties DeleteDataSetRefreshProperties CreateRefreshSchedule
        DescribeRefreshSchedule ListRefreshSchedules UpdateRefreshSchedule DeleteRefreshSchedule
    """,
    "Theme": """
        DescribeTheme DescribeThemeAlias ListThemeAliases ListThemeVersions DeleteTheme UpdateTheme
        CreateThemeAlias DeleteThemeAlias UpdateThemeAlias UpdateThemePermissions DescribeThemePermissions
    """,
    "Dashboard": """
        DescribeDashboard ListDashboardVersions UpdateDashboardPermissions QueryDashboard UpdateDashboard
        DeleteDashboard DescribeDashboardPermissions UpdateDashboardPublishedVersion
    """,
}
OPERATION = {"DataSource": "data_source", "DataSet": "data_set", "Theme": "theme", "Dashboard": "dashboard"}
SUMMARIES = {
    "DataSource": "DataSources",
    "DataSet": "DataSetSummaries",
    "Theme": "ThemeSummaryList",
    "Dashboard": "DashboardSummaryList",
}


class FailedError(Exception):
    """QuickSight made something and found it wrong; `errors` are its own."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(f"{error.get('Message', '')} ({error.get('Type')})" for error in errors))
        self.errors = errors


class NotSubscribedError(Exception):
    """The account has no subscription to QuickSight's Enterprise edition; the message says what to do."""

    def __init__(self, error: ClientError) -> None:
        super().__init__(
            "This account has no subscription to QuickSight's Enterprise edition, which dashboards as code "
            "need. Subscribe at https://quicksight.aws.amazon.com (an author costs $24 a month, see "
            "https://aws.amazon.com/quicksight/pricing) and deploy again, or leave QuickSightPrincipalArn "
            "empty. "
            f"AWS says: {error}"
        )


class Assets:
    """The assets of an account in the function's region, worked on for at most `seconds`."""

    def __init__(self, account: str, seconds: float) -> None:
        self._account = account
        self._deadline = time.monotonic() + seconds
        self._client: Any = boto3.client("quicksight", config=CONFIG)

    def check_subscription(self) -> None:
        """Raise NotSubscribedError if the account cannot have dashboards."""
        self.when_allowed(lambda: self._ids("Dashboard"))

    def when_allowed[T](self, attempt: Callable[[], T]) -> T:
        """Attempt until the hook's right to it, which is as new as the request, holds."""
        return self._settle(attempt, "accessdenied", POLICY_SECONDS)

    def delete_all(self, noun: str, prefix: str, kept: Collection[str] = ()) -> None:
        """Delete the assets of a kind whose ids begin with `prefix`, but those `kept`, until none is listed.

        What was just made, by a request that failed, may be listed before it can be found.
        """
        while ids := [one for one in self._ids(noun) if one.startswith(prefix) and one not in kept]:
            for asset_id in ids:
                self._delete(noun, asset_id)
            if any(one in ids for one in self._ids(noun)):
                self._wait(f"{', '.join(ids)} are still listed")

    def put(self, noun: str, asset_id: str, content: dict[str, Any], owner: str) -> str:
        """Create the asset for `owner`, or update it, publish it, and return its ARN; or raise FailedError.

        What is wrong is not published: an update leaves the version before, a creation leaves nothing.
        """
        return self._settle(lambda: self._put(noun, asset_id, content, owner), "assume", ROLE_SECONDS)

    def _put(self, noun: str, asset_id: str, content: dict[str, Any], owner: str) -> str:
        answer, is_new = self._begin(noun, asset_id, content, owner)
        version = _version(answer)
        if errors := self._finish(noun, asset_id, version):
            if is_new:
                self._delete(noun, asset_id)
            raise FailedError(errors)
        if version and noun == "Dashboard":
            publish = self._client.update_dashboard_published_version
            self._retry(publish, DashboardId=asset_id, VersionNumber=version)
        return str(answer["Arn"])

    def share(self, noun: str, asset_id: str, owner: str, old_owner: str) -> None:
        """Make `owner` the owner of an asset that was put, and `old_owner` nobody, if it is another."""
        identity = {f"{noun}Id": asset_id}
        describe = self._operation("describe", noun, "_permissions")
        listed = self._retry(describe, *PASSING, **identity)["Permissions"]
        held = {one["Principal"]: one["Actions"] for one in listed}
        permission = _permission(noun, owner)
        changes = {}
        if set(held.get(owner, [])) != set(permission["Actions"]):
            changes["GrantPermissions"] = [permission]
        if old_owner != owner and old_owner in held:
            changes["RevokePermissions"] = [{"Principal": old_owner, "Actions": held[old_owner]}]
        if changes:
            update = self._operation("update", noun, "_permissions")
            self._retry(update, *PASSING, **identity, **changes)

    def set_refresh(
        self, data_set_id: str, properties: dict[str, Any] | None, schedules: list[dict[str, Any]]
    ) -> None:
        """Give a SPICE data set that was put these refresh properties and these schedules, and no others."""
        identity = {"DataSetId": data_set_id}
        # Properties before the schedules that need them, and away after those that needed them. Old schedules
        # before new ones: a data set has at most five.
        if properties:
            put = self._client.put_data_set_refresh_properties
            self._unless(SAME, put, *PASSING, **identity, DataSetRefreshProperties=properties)
        listed = self._retry(self._client.list_refresh_schedules, *PASSING, **identity)
        there = {schedule["ScheduleId"] for schedule in listed["RefreshSchedules"]}
        for schedule_id in sorted(there - {schedule["ScheduleId"] for schedule in schedules}):
            self._unless(GONE, self._client.delete_refresh_schedule, **identity, ScheduleId=schedule_id)
        for schedule in schedules:
            known = schedule["ScheduleId"] in there
            call = self._client.update_refresh_schedule if known else self._client.create_refresh_schedule
            self._retry(call, *PASSING, **identity, Schedule=schedule)
        if not properties:
            self._unless(GONE, self._client.delete_data_set_refresh_properties, **identity)

    def _ids(self, noun: str) -> list[str]:
        paginate = self._client.get_paginator(f"list_{OPERATION[noun]}s").paginate
        pages = self._retry(lambda **params: list(paginate(**params)))
        return [one[f"{noun}Id"] for page in pages for one in page[SUMMARIES[noun]]]

    def _delete(self, noun: str, asset_id: str) -> None:
        """Delete an asset; one that is gone is fine."""
        self._unless(GONE, self._operation("delete", noun), **{f"{noun}Id": asset_id})

    def _begin(
        self, noun: str, asset_id: str, content: dict[str, Any], owner: str
    ) -> tuple[dict[str, Any], bool]:
        """Begin to create the asset, or to update it if it exists; return the answer and whether it is new.

        An update cannot take everything that a creation takes: not the type of a data source.
        """
        identity = {f"{noun}Id": asset_id}
        permissions = [_permission(noun, owner)]
        try:
            create = self._operation("create", noun)
            return self._retry(create, **identity, **content, Permissions=permissions), True
        except ClientError as error:
            if code_of(error) != "ResourceExistsException":
                raise
        taken = {name: value for name, value in content.items() if (noun, name) != ("DataSource", "Type")}
        update = self._operation("update", noun)
        return self._retry(update, *PASSING, **identity, **taken), False

    def _finish(self, noun: str, asset_id: str, version: int | None) -> list[dict[str, Any]]:
        """Wait until what was begun is done; return what went wrong with it."""
        wanted = {f"{noun}Id": asset_id} | ({"VersionNumber": version} if version else {})
        while True:
            describe = self._operation("describe", noun)
            described = self._retry(describe, *PASSING, **wanted)[noun]
            state = described["Version"] if noun in VERSIONED else described
            status = state.get("Status", "")  # a data set has none: it is there, or not yet
            if not IN_PROGRESS.fullmatch(status):
                break
            self._wait(f"{noun} {asset_id} is still {status}")
        if not status.endswith("_FAILED"):
            return []
        return state.get("Errors") or [
            state.get("ErrorInfo") or {"Type": status, "Message": "no reason given"}
        ]

    def _operation(self, verb: str, noun: str, suffix: str = "") -> Callable[..., Any]:
        operation: Callable[..., Any] = getattr(self._client, f"{verb}_{OPERATION[noun]}{suffix}")
        return operation

    def _unless(
        self, harmless: re.Pattern[str], call: Callable[..., Any], *codes: str, **params: Any
    ) -> None:
        """Call as `_retry` does; an error that is `harmless` is fine."""
        try:
            self._retry(call, *codes, **params)
        except ClientError as error:
            if not harmless.search(str(error)):
                raise

    def _retry(self, call: Callable[..., Any], *codes: str, **params: Any) -> Any:
        """Call until nothing that is in progress is in the way; `codes` are further errors that pass."""
        while True:
            try:
                return call(AwsAccountId=self._account, **params)
            except ClientError as error:
                if NOT_SUBSCRIBED.search(str(error)):
                    raise NotSubscribedError(error) from error
                if code_of(error) not in ("ConflictException", "ThrottlingException", *codes):
                    raise
                self._wait(str(error))

    def _settle[T](self, attempt: Callable[[], T], word: str, seconds: float) -> T:
        """Attempt until it works; an error with `word` in it passes within `seconds`: IAM takes its time."""
        until = time.monotonic() + seconds
        while True:
            try:
                return attempt()
            except (ClientError, FailedError) as error:
                if word not in str(error).lower() or time.monotonic() > until:
                    raise
                self._wait(str(error))

    def _wait(self, why: str) -> None:
        if time.monotonic() + PAUSE > self._deadline:
            raise TimeoutError(f"QuickSight was not done in time: {why}")
        time.sleep(PAUSE)


def code_of(error: ClientError) -> str:
    """Return the class of the service's error."""
    return str(error.response["Error"]["Code"])


def _permission(noun: str, owner: str) -> dict[str, Any]:
    return {"Principal": owner, "Actions": [f"quicksight:{action}" for action in OWNER[noun].split()]}


def _version(answer: dict[str, Any]) -> int | None:
    """Return the number of the version that was begun; data sources and data sets have none."""
    arn = answer.get("VersionArn", "")
    return int(arn.rpartition("/")[2]) if arn else None
