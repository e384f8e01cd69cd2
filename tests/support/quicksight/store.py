"""What the stand-in QuickSight keeps, and what each call does to it.

Behaviour as documented, in what a caller can get wrong: everything is asynchronous; an update sends no
permissions and publishes nothing; a description without a version number is that of the published version; a
new data set cannot be found at once; a resource without permissions is there, but nobody sees it.
https://docs.aws.amazon.com/quicksight/latest/developerguide/quicksight-assets-as-code.html
Who may have them is in `identities.py`, what a theme may hold in `themes.py`.
"""

import copy
import re
from typing import Any

from tests.support.quicksight import identities, refreshes, themes
from tests.support.quicksight.refreshes import State
from tests.support.quicksight.service_error import ServiceError

# Noun in the operations' names: key in `Store.kinds`, and the part of the ARN.
KINDS = {
    "DataSource": ("data_sources", "datasource"),
    "DataSet": ("data_sets", "dataset"),
    "Theme": ("themes", "theme"),
    "Dashboard": ("dashboards", "dashboard"),
}
VERSIONED = ("Theme", "Dashboard")
SUMMARIES = {
    "DataSource": "DataSources",
    "DataSet": "DataSetSummaries",
    "Theme": "ThemeSummaryList",
    "Dashboard": "DashboardSummaryList",
}
OPERATION = re.compile(
    r"(Create|Describe|Update|Delete|List)(DataSource|DataSet|Theme|Dashboard)(s|Permissions)?"
)


class Store:
    """All resources of an account in a region; `failures` are (operation, message, path) still to come."""

    def __init__(self, region: str, identity_region: str, pace: int) -> None:
        self.kinds: dict[str, dict[str, State]] = {key: {} for key, _ in KINDS.values()}
        self.failures: list[tuple[str, str, str]] = []
        self.edition: str | None = "ENTERPRISE"
        self._region = region
        self._identity_region = identity_region
        self.pace = pace

    def call(self, operation: str, params: dict[str, Any], region: str) -> dict[str, Any]:
        """Do what `operation` asks of the endpoint of `region`.

        Return the members of its answer, or raise ServiceError.
        """
        identities.check_edition(operation, params, self.edition)
        if describe := identities.OPERATIONS.get(operation):
            identities.check_endpoint(region, self._identity_region)
            return describe(params)
        if special := getattr(self, f"_{operation}", None):
            return special(params)
        if refresh := refreshes.OPERATIONS.get(operation):
            return refresh(self._state("DataSet", params), params)
        match = OPERATION.fullmatch(operation)
        if not match:
            raise ServiceError("InvalidParameterValueException", f"this stand-in does not know {operation}")
        verb, noun, rest = match.groups()
        if rest == "Permissions":
            return self._permissions(noun, params)
        return getattr(self, f"_{verb.lower()}")(noun, params)

    # ---- What all kinds have ----

    def _create(self, noun: str, params: dict[str, Any]) -> dict[str, Any]:
        resource_id = params[f"{noun}Id"]
        kind, part = KINDS[noun]
        if resource_id in self.kinds[kind]:
            raise ServiceError("ResourceExistsException", f"{noun} {resource_id} exists already")
        arn = f"arn:aws:quicksight:{self._region}:{params['AwsAccountId']}:{part}/{resource_id}"
        state: State = {"arn": arn, "permissions": {}, "versions": [], "published": None}
        self._grant(noun, state, params.get("Permissions", []))
        self._change(noun, "Create", state, params)
        self.kinds[kind][resource_id] = state
        return self._changed(noun, state, params)

    def _update(self, noun: str, params: dict[str, Any]) -> dict[str, Any]:
        state = self._state(noun, params)
        if noun != "DataSet":
            self._reject_in_progress(noun, state)
        self._change(noun, "Update", state, params)
        return self._changed(noun, state, params)

    def _change(self, noun: str, verb: str, state: State, params: dict[str, Any]) -> None:
        if noun == "Theme":
            themes.check(params["Configuration"])
        errors = self._errors(noun, f"{verb}{noun}", params)
        # Versions are created, also by an update; a data source has none and is updated.
        done = "UPDATE" if verb == "Update" and noun not in VERSIONED else "CREATION"
        content = {k: v for k, v in params.items() if k not in ("AwsAccountId", "Permissions", "Tags")}
        if noun == "DataSource" and state["versions"]:
            content = state["versions"][-1]["content"] | content  # its type is said only once
        number = len(state["versions"]) + 1
        version = {
            "number": number,
            "content": copy.deepcopy(content),
            "in_progress": f"{done}_IN_PROGRESS",
            "result": f"{done}_FAILED" if errors else f"{done}_SUCCESSFUL",
            "errors": errors,
            "left": self.pace,
        }
        state["versions"].append(version)
        if noun != "Dashboard" or number == 1:
            state["published"] = number

    def _changed(self, noun: str, state: State, params: dict[str, Any]) -> dict[str, Any]:
        version = state["versions"][-1]
        answer = {"Arn": state["arn"], f"{noun}Id": params[f"{noun}Id"]}
        if noun in VERSIONED:
            answer["VersionArn"] = f"{state['arn']}/version/{version['number']}"
        if noun == "DataSet":
            return answer | {"IngestionId": f"ingestion-{version['number']}"}
        status = "UpdateStatus" if "UPDATE" in version["in_progress"] else "CreationStatus"
        return answer | {status: version["in_progress"]}

    def _describe(self, noun: str, params: dict[str, Any]) -> dict[str, Any]:
        state = self._state(noun, params)
        published: int = state["published"]
        number = params.get("VersionNumber", published)
        if not 1 <= number <= len(state["versions"]):
            raise ServiceError("ResourceNotFoundException", f"there is no version {number}")
        version = state["versions"][number - 1]
        status = version["in_progress"] if version["left"] else version["result"]
        version["left"] = max(0, version["left"] - 1)
        description = {
            "Arn": state["arn"],
            f"{noun}Id": params[f"{noun}Id"],
            "Name": version["content"]["Name"],
        }
        if noun in VERSIONED:
            version_errors = [] if status.endswith("IN_PROGRESS") else version["errors"]
            described = {
                "VersionNumber": number,
                "Status": status,
                "Errors": version_errors,
                "Arn": state["arn"],
            }
            if noun == "Dashboard":
                described["ThemeArn"] = version["content"].get("ThemeArn")
            description["Version"] = described
        elif noun == "DataSource":
            description |= {"Status": status, "Type": state["versions"][0]["content"]["Type"]}
            if status.endswith("FAILED"):
                description["ErrorInfo"] = version["errors"][0]
        else:
            description |= {"ImportMode": version["content"]["ImportMode"]}
        return {noun: description}

    def _delete(self, noun: str, params: dict[str, Any]) -> dict[str, Any]:
        state = self._state(noun, params)
        if noun in VERSIONED:
            self._reject_in_progress(noun, state)
        del self.kinds[KINDS[noun][0]][params[f"{noun}Id"]]
        return {"Arn": state["arn"], f"{noun}Id": params[f"{noun}Id"]}

    @staticmethod
    def _reject_in_progress(noun: str, state: State) -> None:
        """Reject another change; time goes on for who asks again."""
        version = state["versions"][-1]
        if version["left"]:
            version["left"] -= 1
            raise ServiceError("ConflictException", f"{noun} {state['arn']} is still being changed")

    def _list(self, noun: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answer two at a time, so that a caller who reads only the first page is found out."""
        assets = sorted(self.kinds[KINDS[noun][0]].items())
        start = int(params.get("NextToken", 0))
        page = [
            {"Arn": state["arn"], f"{noun}Id": name, "Name": state["versions"][-1]["content"]["Name"]}
            for name, state in assets[start : start + 2]
        ]
        more = {"NextToken": str(start + 2)} if start + 2 < len(assets) else {}
        return {SUMMARIES[noun]: page} | more

    def _permissions(self, noun: str, params: dict[str, Any]) -> dict[str, Any]:
        """Describe or update, the names of both being alike."""
        state = self._state(noun, params)
        self._grant(noun, state, params.get("GrantPermissions", []))
        for revoked in params.get("RevokePermissions", []):
            held = state["permissions"].get(revoked["Principal"], set()) - set(revoked["Actions"])
            if held:
                identities.check_actions(noun, held)
            state["permissions"].pop(revoked["Principal"], None)
        held = [{"Principal": who, "Actions": sorted(what)} for who, what in state["permissions"].items()]
        return {f"{noun}Arn": state["arn"], f"{noun}Id": params[f"{noun}Id"], "Permissions": held}

    def _grant(self, noun: str, state: State, permissions: list[dict[str, Any]]) -> None:
        for permission in permissions:
            identities.check_actions(noun, set(permission["Actions"]))
            identities.check_principal(permission["Principal"], self._identity_region)
            state["permissions"][permission["Principal"]] = set(permission["Actions"])

    def _state(self, noun: str, params: dict[str, Any]) -> State:
        kind = KINDS[noun][0]
        resource_id = params[f"{noun}Id"]
        state = self.kinds[kind].get(resource_id)
        if state is None:
            raise ServiceError("ResourceNotFoundException", f"{noun} {resource_id} does not exist")
        if noun == "DataSet" and len(state["versions"]) == 1 and state["versions"][0]["left"]:
            state["versions"][0]["left"] -= 1
            raise ServiceError("ResourceNotFoundException", f"DataSet {resource_id} cannot be found yet")
        return state

    def _errors(self, noun: str, operation: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what will be wrong with the new version once it has been made."""
        for failure in self.failures:
            if failure[0] == operation:
                self.failures.remove(failure)
                entities = [{"Path": failure[2]}] if failure[2] else []
                kind = "ACCESS_DENIED" if noun == "DataSource" else "INTERNAL_FAILURE"
                return [
                    {"Type": kind, "Message": failure[1]}
                    | ({"ViolatedEntities": entities} if entities else {})
                ]
        declared = params.get("Definition", {}).get("DataSetIdentifierDeclarations", [])
        known = {state["arn"] for state in self.kinds["data_sets"].values()}
        return [
            {"Type": "DATA_SET_NOT_FOUND", "Message": f"{declaration['DataSetArn']} does not exist"}
            for declaration in declared
            if declaration["DataSetArn"] not in known
        ]

    # ---- What only some kinds have ----

    def _UpdateDashboardPublishedVersion(self, params: dict[str, Any]) -> dict[str, Any]:
        state = self._state("Dashboard", params)
        number = params["VersionNumber"]
        if not 1 <= number <= len(state["versions"]):
            raise ServiceError("ResourceNotFoundException", f"there is no version {number}")
        version = state["versions"][number - 1]
        if version["left"] or version["errors"]:
            raise ServiceError("ConflictException", f"version {number} cannot be published")
        state["published"] = number
        return {"DashboardId": params["DashboardId"], "DashboardArn": state["arn"]}
