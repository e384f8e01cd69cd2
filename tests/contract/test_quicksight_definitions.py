"""The definitions of quicksight/ against the service's model, themselves, and the views they show."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from preview.expressions import columns, is_aggregate, parameters, parse
from tests.support import ROOT, load_function
from tests.support.quicksight.model import problems
from tests.support.quicksight.mutations import MUTATIONS
from tests.support.quicksight.references import dashboard_problems, data_set_columns, data_set_problems
from tests.support.quicksight.themes import palette_problems
from tests.support.warehouse import warehouse

ACCOUNT = {"AwsAccountId": "123456789012"}
# What a data set calls the types of Athena, as the preview's engine names them.
TYPES = {
    "DATE": "DATETIME",
    "TIMESTAMP": "DATETIME",
    "VARCHAR": "STRING",
    "BIGINT": "INTEGER",
    "INTEGER": "INTEGER",
    "HUGEINT": "INTEGER",
    "DOUBLE": "DECIMAL",
    "DECIMAL": "DECIMAL",
}


class Definitions:
    """All definitions, filled as QuickSightDefinitions fills them; the data sets by their ARN."""

    def __init__(self) -> None:
        composition = load_function("custom_resources", "composition")["composition"]
        loaded = composition.load(ROOT / "quicksight")
        arns = {
            name: f"arn:aws:quicksight:eu-central-1:123456789012:dataset/menulens-{name}"
            for name in loaded.data_sets
        }
        values = {
            "name_prefix": "menulens",
            "data_source_arn": "arn:aws:quicksight:eu-central-1:123456789012:datasource/menulens",
            "theme_arn": "arn:aws:quicksight:eu-central-1:123456789012:theme/menulens",
            "database": "menulens",
            "time_zone": "Europe/Rome",
            "currency": "EUR",
            "today": load_function("custom_resources", "today")["today"].today(
                "Europe/Rome", datetime.now(UTC)
            ),
        } | {f"data_set_arn_{name}": arn for name, arn in arns.items()}
        self.data_sets = {
            arns[name]: composition.fill(data_set, values) for name, data_set in loaded.data_sets.items()
        }
        self.theme = composition.fill(loaded.theme, values)
        self.dashboards = {
            name: composition.fill(dashboard, values) for name, dashboard in loaded.dashboards.items()
        }

    def problems(self) -> list[str]:
        """Return everything that is wrong with them."""
        faults = problems({**self.theme, **ACCOUNT, "ThemeId": "menulens"}, "CreateThemeRequest", "theme")
        faults += palette_problems(self.theme["Configuration"])
        for arn, data_set in self.data_sets.items():
            name = arn.rpartition("/")[2]
            faults += problems(
                {**data_set["DataSet"], **ACCOUNT, "DataSetId": name}, "CreateDataSetRequest", name
            )
            if "RefreshProperties" in data_set:
                faults += problems(data_set["RefreshProperties"], "DataSetRefreshProperties", name)
            for schedule in data_set["RefreshSchedules"]:
                faults += problems(schedule, "RefreshSchedule", name)
            faults += data_set_problems(name, data_set)
        for name, dashboard in self.dashboards.items():
            request = {**dashboard, **ACCOUNT, "DashboardId": name}
            broken = problems(request, "CreateDashboardRequest", name)
            # Names are looked up in what the model accepts only.
            faults += broken or dashboard_problems(dashboard, self.data_sets)
        return faults


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return Definitions()


def test_every_definition_is_right(definitions: Definitions) -> None:
    assert definitions.dashboards
    assert definitions.problems() == []


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_found(definitions: Definitions, name: str) -> None:
    """The checks can fail, each in its own way."""
    broken = copy.deepcopy(definitions)
    mutate, message = MUTATIONS[name]
    mutate(broken)
    faults = broken.problems()
    assert any(message in problem for problem in faults), faults


def test_data_sets_have_the_columns_of_their_views(definitions: Definitions) -> None:
    with warehouse() as database:
        for data_set in definitions.data_sets.values():
            view = relational_table(data_set)["Name"]
            described = database.execute(f"DESCRIBE {view}").fetchall()
            columns = {name: TYPES[kind.partition("(")[0]] for name, kind, *_ in described}
            assert data_set_columns(data_set) == columns, view


def relational_table(data_set: dict[str, Any]) -> dict[str, Any]:
    (table,) = data_set["DataSet"]["PhysicalTableMap"].values()
    return table["RelationalTable"]


def test_an_aggregate_has_neither_parameters_nor_the_clock() -> None:
    """What AWS documents of such fields is "can't contain both aggregated and nonaggregated fields".

    Whether parameters and now() count as fields there, it does not say, nor whether a field may be of
    parameters alone: https://docs.aws.amazon.com/quicksuite/latest/userguide/calculated-field-aggregations.html
    """
    (dashboard,) = Definitions().dashboards.values()
    trees = {
        (field["DataSetIdentifier"], field["Name"]): parse(field["Expression"])
        for field in dashboard["Definition"]["CalculatedFields"]
    }
    for (data, name), tree in trees.items():
        fields = {column: of for (other, column), of in trees.items() if other == data}
        assert columns(tree), name
        if is_aggregate(tree, fields):
            assert not parameters(tree), name
            assert "'call', 'now'" not in str(tree), name
