"""How a data set is refreshed: its refresh properties and schedules, and what each call does to them.

The model of the service gives the limits of schedules in prose. The error texts are those of public reports:

- No refresh properties to delete: https://github.com/hashicorp/terraform-provider-aws/issues/42047
- The same refresh properties again: the text for which cid/helpers/quicksight/__init__.py of
  https://github.com/aws-solutions-library-samples/cloud-intelligence-dashboards-framework looks. It catches
  every class of error, so the class here is a guess.
- No SPICE data set: https://github.com/hashicorp/terraform-provider-aws/issues/31485
- A start in the past: https://github.com/cds-snc/notification-terraform/pull/2547

That a lookback window needs a column of type DATETIME is said by
https://docs.aws.amazon.com/quicksight/latest/user/refreshing-imported-data.html; the error's text is made up.
"""

from datetime import UTC, datetime
from typing import Any

from tests.support.quicksight.service_error import ServiceError

type State = dict[str, Any]


MAX_SCHEDULES = 5
INVALID = "InvalidParameterValueException"


def _put_refresh_properties(state: State, params: dict[str, Any]) -> dict[str, Any]:
    content, properties = state["versions"][-1]["content"], params["DataSetRefreshProperties"]
    if content["ImportMode"] != "SPICE":
        name = params["DataSetId"]
        raise ServiceError(
            INVALID,
            f"The dataset {name} is not a SPICE dataset and is not supported for incremental refresh.",
        )
    if properties == state.get("refresh_properties"):
        raise ServiceError(
            INVALID, "The configuration provided is same as the existing configuration for the dataset."
        )
    window = properties["RefreshConfiguration"]["IncrementalRefresh"]["LookbackWindow"]
    columns = [
        column
        for table in content["PhysicalTableMap"].values()
        for column in table["RelationalTable"]["InputColumns"]
    ]
    if {"Name": window["ColumnName"], "Type": "DATETIME"} not in columns:
        raise ServiceError(INVALID, f"{window['ColumnName']} is no column of type DATETIME")
    state["refresh_properties"] = properties
    return {}


def _describe_refresh_properties(state: State, params: dict[str, Any]) -> dict[str, Any]:
    if "refresh_properties" not in state:
        raise ServiceError("ResourceNotFoundException", "the data set has no refresh properties")
    return {"DataSetRefreshProperties": state["refresh_properties"]}


def _delete_refresh_properties(state: State, params: dict[str, Any]) -> dict[str, Any]:
    if any(schedule["RefreshType"] == "INCREMENTAL_REFRESH" for schedule in _schedules(state).values()):
        raise ServiceError("ConflictException", "an incremental schedule needs the refresh properties")
    if state.pop("refresh_properties", None) is None:
        name = params["DataSetId"]
        raise ServiceError(
            INVALID, f"Dataset {name} does not have lookback window configuration present for deletion"
        )
    return {}


def _create_refresh_schedule(state: State, params: dict[str, Any]) -> dict[str, Any]:
    schedule = params["Schedule"]
    if schedule["ScheduleId"] in _schedules(state):
        raise ServiceError("ResourceExistsException", f"schedule {schedule['ScheduleId']} exists already")
    if len(_schedules(state)) == MAX_SCHEDULES:
        raise ServiceError("LimitExceededException", f"a data set has at most {MAX_SCHEDULES} schedules")
    return _put_schedule(state, schedule)


def _update_refresh_schedule(state: State, params: dict[str, Any]) -> dict[str, Any]:
    schedule = params["Schedule"]
    _schedule(state, schedule["ScheduleId"])
    return _put_schedule(state, schedule)


def _list_refresh_schedules(state: State, params: dict[str, Any]) -> dict[str, Any]:
    return {"RefreshSchedules": list(_schedules(state).values())}


def _delete_refresh_schedule(state: State, params: dict[str, Any]) -> dict[str, Any]:
    _schedule(state, params["ScheduleId"])
    del state["schedules"][params["ScheduleId"]]
    return {"ScheduleId": params["ScheduleId"]}


def _put_schedule(state: State, schedule: dict[str, Any]) -> dict[str, Any]:
    frequency = schedule["ScheduleFrequency"]
    if frequency["Interval"] in ("WEEKLY", "MONTHLY") and "RefreshOnDay" not in frequency:
        raise ServiceError(INVALID, f"a {frequency['Interval']} refresh needs RefreshOnDay")
    if frequency["Interval"] in ("DAILY", "WEEKLY", "MONTHLY") and "TimeOfTheDay" not in frequency:
        raise ServiceError(INVALID, f"a {frequency['Interval']} refresh needs TimeOfTheDay")
    start = schedule.get("StartAfterDateTime", float("inf"))
    if start < datetime.now(UTC).timestamp():
        raise ServiceError(INVALID, "Schedules cannot start in the past")
    if schedule["RefreshType"] == "INCREMENTAL_REFRESH" and "refresh_properties" not in state:
        raise ServiceError("PreconditionNotMetException", "an incremental refresh needs refresh properties")
    _schedules(state)[schedule["ScheduleId"]] = schedule
    return {"ScheduleId": schedule["ScheduleId"]}


def _schedule(state: State, schedule_id: str) -> dict[str, Any]:
    if schedule_id not in _schedules(state):
        raise ServiceError("ResourceNotFoundException", f"there is no schedule {schedule_id}")
    return _schedules(state)[schedule_id]


def _schedules(state: State) -> dict[str, dict[str, Any]]:
    schedules: dict[str, dict[str, Any]] = state.setdefault("schedules", {})
    return schedules


OPERATIONS = {
    "PutDataSetRefreshProperties": _put_refresh_properties,
    "DescribeDataSetRefreshProperties": _describe_refresh_properties,
    "DeleteDataSetRefreshProperties": _delete_refresh_properties,
    "CreateRefreshSchedule": _create_refresh_schedule,
    "UpdateRefreshSchedule": _update_refresh_schedule,
    "ListRefreshSchedules": _list_refresh_schedules,
    "DeleteRefreshSchedule": _delete_refresh_schedule,
}
