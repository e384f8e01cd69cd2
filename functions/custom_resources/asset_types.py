"""The types of QuickSight's assets: what the API calls their calls, members and actions."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AssetType:
    """Names the calls of boto3's client, and the members of their parameters and answers."""

    name: str  # the member that holds a description
    id_key: str
    create: str
    describe: str
    update: str
    delete: str
    list: str
    summaries: str  # the member that holds a page of the list
    describe_permissions: str
    update_permissions: str
    # What an owner may do with an asset. QuickSight takes these sets only, or those of readers.
    owner_actions: tuple[str, ...]
    only_on_create: frozenset[str] = frozenset()  # members that an update does not take
    has_versions: bool = False
    publish: str | None = None  # an update shows once its version is published

    def permission(self, owner: str) -> dict[str, Any]:
        """Return what makes the principal `owner` an owner of an asset, as the API takes it."""
        return {"Principal": owner, "Actions": [f"quicksight:{action}" for action in self.owner_actions]}


DATA_SOURCE = AssetType(
    name="DataSource",
    id_key="DataSourceId",
    create="create_data_source",
    describe="describe_data_source",
    update="update_data_source",
    delete="delete_data_source",
    list="list_data_sources",
    summaries="DataSources",
    describe_permissions="describe_data_source_permissions",
    update_permissions="update_data_source_permissions",
    owner_actions=(
        "DescribeDataSource",
        "DescribeDataSourcePermissions",
        "PassDataSource",
        "UpdateDataSource",
        "DeleteDataSource",
        "UpdateDataSourcePermissions",
    ),
    only_on_create=frozenset({"Type"}),
)
DATA_SET = AssetType(
    name="DataSet",
    id_key="DataSetId",
    create="create_data_set",
    describe="describe_data_set",
    update="update_data_set",
    delete="delete_data_set",
    list="list_data_sets",
    summaries="DataSetSummaries",
    describe_permissions="describe_data_set_permissions",
    update_permissions="update_data_set_permissions",
    owner_actions=(
        "DescribeDataSet",
        "DescribeDataSetPermissions",
        "PassDataSet",
        "DescribeIngestion",
        "ListIngestions",
        "UpdateDataSet",
        "DeleteDataSet",
        "CreateIngestion",
        "CancelIngestion",
        "UpdateDataSetPermissions",
        "PutDataSetRefreshProperties",
        "DescribeDataSetRefreshProperties",
        "DeleteDataSetRefreshProperties",
        "CreateRefreshSchedule",
        "DescribeRefreshSchedule",
        "ListRefreshSchedules",
        "UpdateRefreshSchedule",
        "DeleteRefreshSchedule",
    ),
)
THEME = AssetType(
    name="Theme",
    id_key="ThemeId",
    create="create_theme",
    describe="describe_theme",
    update="update_theme",
    delete="delete_theme",
    list="list_themes",
    summaries="ThemeSummaryList",
    describe_permissions="describe_theme_permissions",
    update_permissions="update_theme_permissions",
    owner_actions=(
        "DescribeTheme",
        "DescribeThemeAlias",
        "ListThemeAliases",
        "ListThemeVersions",
        "DeleteTheme",
        "UpdateTheme",
        "CreateThemeAlias",
        "DeleteThemeAlias",
        "UpdateThemeAlias",
        "UpdateThemePermissions",
        "DescribeThemePermissions",
    ),
    has_versions=True,
)
DASHBOARD = AssetType(
    name="Dashboard",
    id_key="DashboardId",
    create="create_dashboard",
    describe="describe_dashboard",
    update="update_dashboard",
    delete="delete_dashboard",
    list="list_dashboards",
    summaries="DashboardSummaryList",
    describe_permissions="describe_dashboard_permissions",
    update_permissions="update_dashboard_permissions",
    owner_actions=(
        "DescribeDashboard",
        "ListDashboardVersions",
        "UpdateDashboardPermissions",
        "QueryDashboard",
        "UpdateDashboard",
        "DeleteDashboard",
        "DescribeDashboardPermissions",
        "UpdateDashboardPublishedVersion",
    ),
    has_versions=True,
    publish="update_dashboard_published_version",
)
# In the order in which they can be deleted: what shows comes before what it shows.
ASSET_TYPES = (DASHBOARD, DATA_SET, THEME, DATA_SOURCE)
