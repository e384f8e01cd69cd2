"""QuickSight's assets: data sources, data sets, themes and dashboards, whatever is in them.

QuickSight makes all of them in the background: a call only begins, and Describe tells how it ends. The rules
are those of https://docs.aws.amazon.com/quicksight/latest/APIReference/ and, where it is silent, of public
reports. QuickSight may not find a new data set for a while. It may not be able to use its own role at once.
"""

import re
import time
from collections.abc import Callable, Collection
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from asset_types import DASHBOARD, AssetType
from retry import PendingError, retry_until

ROLE_SECONDS = 120  # until QuickSight can assume a role that was just made
POLICY_SECONDS = 30  # until a policy that was just attached holds
BUSY = ("ConflictException", "ThrottlingException")  # errors of calls while others are in progress
NOT_FOUND_YET = ("ResourceNotFoundException",)  # an error of what was just made
CONFIG = Config(connect_timeout=5, read_timeout=20)  # so that an answer is left time to be given
IN_PROGRESS = re.compile(r"(CREATION|UPDATE)_IN_PROGRESS")
# Errors by which QuickSight says that there is nothing to do; their classes say it of other things too.
GONE = re.compile(r"ResourceNotFoundException|does not have lookback window configuration")
SAME = re.compile(r"same as the existing configuration")
NOT_SUBSCRIBED = re.compile(r"UnsupportedUserEditionException|not subscribed|not signed up")


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
        self.when_allowed(lambda: self._ids(DASHBOARD))

    def when_allowed[T](self, attempt: Callable[[], T]) -> T:
        """Attempt until the function's permission for it, which is as new as the request, holds."""
        return self._retry_while("accessdenied", POLICY_SECONDS, attempt)

    def delete_all(self, kind: AssetType, prefix: str, kept: Collection[str] = ()) -> None:
        """Delete the assets of a type whose ids begin with `prefix`, but those `kept`, until none is listed.

        What was just made, by a request that failed, may be listed before it can be found.
        """

        def listed() -> list[str]:
            return [asset for asset in self._ids(kind) if asset.startswith(prefix) and asset not in kept]

        def delete_listed() -> None:
            ids = listed()
            for asset_id in ids:
                self._delete(kind, asset_id)
            if ids and (remaining := listed()):
                raise PendingError(f"{', '.join(remaining)} are still listed")

        retry_until(self._deadline, delete_listed, lambda error: isinstance(error, PendingError))

    def put(self, kind: AssetType, asset_id: str, content: dict[str, Any], owner: str) -> str:
        """Create the asset for `owner`, or update it, publish it, and return its ARN; or raise FailedError.

        What is wrong is not published: an update leaves the version before, a creation leaves nothing.
        """
        return self._retry_while("assume", ROLE_SECONDS, lambda: self._put(kind, asset_id, content, owner))

    def share(self, kind: AssetType, asset_id: str, owner: str, old_owner: str) -> None:
        """Make `owner` the owner of an asset that was put, and `old_owner` nobody, if it is another."""
        identity = {kind.id_key: asset_id}
        permissions = self._call(kind.describe_permissions, *NOT_FOUND_YET, **identity)["Permissions"]
        actions = {permission["Principal"]: permission["Actions"] for permission in permissions}
        permission = kind.permission(owner)
        changes = {}
        if set(actions.get(owner, [])) != set(permission["Actions"]):
            changes["GrantPermissions"] = [permission]
        if old_owner != owner and old_owner in actions:
            changes["RevokePermissions"] = [{"Principal": old_owner, "Actions": actions[old_owner]}]
        if changes:
            self._call(kind.update_permissions, *NOT_FOUND_YET, **identity, **changes)

    def set_refresh(
        self, data_set_id: str, properties: dict[str, Any] | None, schedules: list[dict[str, Any]]
    ) -> None:
        """Give a SPICE data set that was put these refresh properties and these schedules, and no others."""
        identity = {"DataSetId": data_set_id}
        # Properties before the schedules that need them, and away after those that needed them. Old schedules
        # before new ones: a data set has at most five.
        if properties:
            put = "put_data_set_refresh_properties"
            self._call_unless(SAME, put, *NOT_FOUND_YET, **identity, DataSetRefreshProperties=properties)
        answer = self._call("list_refresh_schedules", *NOT_FOUND_YET, **identity)
        present = {schedule["ScheduleId"] for schedule in answer["RefreshSchedules"]}
        for schedule_id in sorted(present - {schedule["ScheduleId"] for schedule in schedules}):
            self._call_unless(GONE, "delete_refresh_schedule", **identity, ScheduleId=schedule_id)
        for schedule in schedules:
            is_present = schedule["ScheduleId"] in present
            put = "update_refresh_schedule" if is_present else "create_refresh_schedule"
            self._call(put, *NOT_FOUND_YET, **identity, Schedule=schedule)
        if not properties:
            self._call_unless(GONE, "delete_data_set_refresh_properties", **identity)

    def _put(self, kind: AssetType, asset_id: str, content: dict[str, Any], owner: str) -> str:
        answer, is_new = self._begin(kind, asset_id, content, owner)
        version = _version(answer)
        if errors := self._finish(kind, asset_id, version):
            if is_new:
                self._delete(kind, asset_id)
            raise FailedError(errors)
        if version and kind.publish:
            self._call(kind.publish, **{kind.id_key: asset_id}, VersionNumber=version)
        return str(answer["Arn"])

    def _begin(
        self, kind: AssetType, asset_id: str, content: dict[str, Any], owner: str
    ) -> tuple[dict[str, Any], bool]:
        """Begin to create or update the asset; return the answer and whether the asset is new."""
        identity = {kind.id_key: asset_id}
        try:
            return self._call(kind.create, **identity, **content, Permissions=[kind.permission(owner)]), True
        except ClientError as error:
            if code_of(error) != "ResourceExistsException":
                raise
        update = {name: value for name, value in content.items() if name not in kind.only_on_create}
        return self._call(kind.update, *NOT_FOUND_YET, **identity, **update), False

    def _finish(self, kind: AssetType, asset_id: str, version: int | None) -> list[dict[str, Any]]:
        """Wait until what was begun is done; return what went wrong with it."""
        identity = {kind.id_key: asset_id} | ({"VersionNumber": version} if version else {})

        def finished() -> dict[str, Any]:
            description = self._call(kind.describe, *NOT_FOUND_YET, **identity)[kind.name]
            state: dict[str, Any] = description["Version"] if kind.has_versions else description
            # A data set has no status: it is there, or not yet.
            if IN_PROGRESS.fullmatch(state.get("Status", "")):
                raise PendingError(f"{kind.name} {asset_id} is still {state['Status']}")
            return state

        state = retry_until(self._deadline, finished, lambda error: isinstance(error, PendingError))
        status = state.get("Status", "")
        if not status.endswith("_FAILED"):
            return []
        return state.get("Errors") or [
            state.get("ErrorInfo") or {"Type": status, "Message": "no reason given"}
        ]

    def _ids(self, kind: AssetType) -> list[str]:
        paginate = self._client.get_paginator(kind.list).paginate
        pages = self._retry(lambda: list(paginate(AwsAccountId=self._account)), BUSY)
        return [summary[kind.id_key] for page in pages for summary in page[kind.summaries]]

    def _delete(self, kind: AssetType, asset_id: str) -> None:
        """Delete an asset; one that is gone is fine."""
        self._call_unless(GONE, kind.delete, **{kind.id_key: asset_id})

    def _call(self, operation: str, *codes: str, **params: Any) -> Any:
        """Call the client's `operation` until nothing is in its way; `codes` are further temporary errors."""
        call = getattr(self._client, operation)
        return self._retry(lambda: call(AwsAccountId=self._account, **params), (*BUSY, *codes))

    def _call_unless(self, harmless: re.Pattern[str], operation: str, *codes: str, **params: Any) -> None:
        """Call as `_call` does; an error that is `harmless` is fine."""
        try:
            self._call(operation, *codes, **params)
        except ClientError as error:
            if not harmless.search(str(error)):
                raise

    def _retry[T](self, attempt: Callable[[], T], codes: Collection[str]) -> T:
        """Attempt until no error is of the classes `codes`; raise NotSubscribedError if an error says so."""

        def is_temporary(error: Exception) -> bool:
            if not isinstance(error, ClientError) or NOT_SUBSCRIBED.search(str(error)):
                return False
            return code_of(error) in codes

        try:
            return retry_until(self._deadline, attempt, is_temporary)
        except ClientError as error:
            if NOT_SUBSCRIBED.search(str(error)):
                raise NotSubscribedError(error) from error
            raise

    def _retry_while[T](self, word: str, seconds: float, attempt: Callable[[], T]) -> T:
        """Attempt until it works; an error with `word` is temporary for `seconds`, which IAM can take."""
        until = time.monotonic() + seconds

        def is_temporary(error: Exception) -> bool:
            said = isinstance(error, ClientError | FailedError) and word in str(error).lower()
            return said and time.monotonic() <= until

        return retry_until(self._deadline, attempt, is_temporary)


def code_of(error: ClientError) -> str:
    """Return the class of the service's error."""
    return str(error.response["Error"]["Code"])


def _version(answer: dict[str, Any]) -> int | None:
    """Return the number of the version that was begun; data sources and data sets have none."""
    arn = answer.get("VersionArn", "")
    return int(arn.rpartition("/")[2]) if arn else None
