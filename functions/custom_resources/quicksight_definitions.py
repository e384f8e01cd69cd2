"""The custom resource `QuickSightDefinitions`: the folder `quicksight/` put up, kept up and taken away."""

import logging
import re
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from asset_types import ASSET_TYPES, DASHBOARD, DATA_SET, DATA_SOURCE, THEME, AssetType
from assets import Assets, FailedError, NotSubscribedError, code_of
from composition import fill, load
from layer import folder_with
from principal import PrincipalError, check
from today import today

logger = logging.getLogger()

LIMIT = " (if SPICE is full: Manage QuickSight, SPICE capacity, in the stack's region)"


class DefinitionError(Exception):
    """QuickSight rejected a definition; the message names the file, the visual and QuickSight's reason."""


class QuickSightDefinitions:
    """Serves one request; `properties` are those of the resource, `seconds` is the time there is.

    `old_principal` is the owner before an update. Whoever else has been given access in QuickSight keeps it.
    """

    def __init__(self, properties: dict[str, str], seconds: float, old_principal: str) -> None:
        self._properties = properties
        self._name = properties["Name"]
        self._old_principal = old_principal
        self._assets = Assets(properties["AccountId"], seconds)

    def serve(self, request_type: str) -> dict[str, str]:
        """Put the definitions up on Create and Update, take everything away on Delete.

        Returns the attribute `DashboardId`. Raises DefinitionError, NotSubscribedError, TimeoutError, or
        botocore's errors.
        """
        if request_type == "Delete":
            self._delete()
            return {}
        definitions = load(folder_with("dashboards", "data_sets"))
        # A principal that stays is not checked: a rollback must not fail because the principal has left.
        if self._properties["Principal"] != self._old_principal:
            self._check_principal()
        values = self._values()
        values["data_source_arn"] = self._put(
            DATA_SOURCE, self._id("athena"), self._data_source(), "(its data source)"
        )
        theme = fill(definitions.theme, values)
        values["theme_arn"] = self._put(THEME, self._id("theme"), theme, "themes/menulens.json")
        for name, content in definitions.data_sets.items():
            values[f"data_set_arn_{name}"] = self._put_data_set(name, fill(content, values))
        for name, content in definitions.dashboards.items():
            self._put(DASHBOARD, self._id(name), fill(content, values), f"dashboards/{name}")
        # What an earlier version of the folder has left.
        for kind, names in ((DASHBOARD, definitions.dashboards), (DATA_SET, definitions.data_sets)):
            self._assets.delete_all(kind, self._id(""), [self._id(name) for name in names])
        return {"DashboardId": self._id(next(iter(definitions.dashboards)))}

    def _delete(self) -> None:
        """Delete every asset; an account without the edition that an asset needs has none of them."""
        # By name, not by file: an earlier version had other files.
        for kind in ASSET_TYPES:
            try:
                self._assets.delete_all(kind, self._id(""))
            except NotSubscribedError as error:
                logger.info("nothing to delete of type %s: %s", kind.name, error)

    def _check_principal(self) -> None:
        """Check account and principal before anything is made, so that neither is blamed on a definition."""
        self._assets.check_subscription()
        principal = self._properties["Principal"]
        try:
            self._assets.when_allowed(lambda: check(principal, self._properties["AccountId"]))
        except (ClientError, PrincipalError) as error:
            raise DefinitionError(f"QuickSightPrincipalArn {principal}: {error}") from error

    def _values(self) -> dict[str, str]:
        return {
            "name_prefix": self._name,
            "database": self._properties["Database"],
            "time_zone": self._properties["TimeZone"],
            "currency": self._properties["Currency"],
            "today": today(self._properties["TimeZone"], datetime.now(UTC)),
        }

    def _data_source(self) -> dict[str, Any]:
        return {
            "Name": f"{self._name}: Athena",
            "Type": "ATHENA",
            "DataSourceParameters": {
                "AthenaParameters": {
                    "WorkGroup": self._properties["WorkGroup"],
                    "RoleArn": self._properties["RoleArn"],
                }
            },
        }

    def _put_data_set(self, name: str, content: dict[str, Any]) -> str:
        arn = self._put(DATA_SET, self._id(name), content["DataSet"], f"data_sets/{name}.json")
        properties = content.get("RefreshProperties")
        self._assets.set_refresh(self._id(name), properties, content["RefreshSchedules"])
        return arn

    def _put(self, kind: AssetType, asset_id: str, content: dict[str, Any], file: str) -> str:
        """Create or update an asset, wait for it, publish it, share it; return its ARN."""
        owner = self._properties["Principal"]
        try:
            arn = self._assets.put(kind, asset_id, content, owner)
        except FailedError as error:
            reasons = "; ".join(_describe(reason, content) for reason in error.errors)
            raise DefinitionError(f"quicksight/{file}: {reasons}") from error
        except ClientError as error:
            full = code_of(error) == "LimitExceededException"
            raise DefinitionError(f"quicksight/{file}: {error}{LIMIT if full else ''}") from error
        self._assets.share(kind, asset_id, owner, self._old_principal)
        return arn

    def _id(self, name: str) -> str:
        """Return the id of an asset. No stack's name has an underscore, so no two stacks' ids meet."""
        return f"{self._name}_{name}"


def _describe(error: dict[str, Any], content: dict[str, Any]) -> str:
    """Return an error of a version in words; the path of what is wrong holds the ids of sheet and visual."""
    titles = {
        visual["VisualId"]: visual.get("Title", {}).get("FormatText", {}).get("PlainText", "")
        for sheet in content.get("Definition", {}).get("Sheets", [])
        for union in sheet.get("Visuals", [])
        for visual in union.values()
    }
    paths = [entity.get("Path", "") for entity in error.get("ViolatedEntities", [])]
    places = [
        f'visual "{titles[part]}" ({path})'
        for path in paths
        for part in re.split(r"[/\[\].]+", path)
        if part in titles
    ]
    return ": ".join([*(places or filter(None, paths)), f"{error.get('Message', '')} ({error.get('Type')})"])
