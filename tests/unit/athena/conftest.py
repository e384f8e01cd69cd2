from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from ministack.services import athena as emulated

from local.athena import hive
from tests.support.transform import transform_in
from tests.support.warehouse import definitions, warehouse


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with warehouse() as database:
        yield database


@pytest.fixture(scope="module")
def transform() -> Iterator[Any]:
    """The transform in Rome."""
    with transform_in("Europe/Rome") as modules:
        yield modules


@pytest.fixture(scope="module")
def glue() -> Any:
    """Stands in for Glue: the table of events as its definition says."""
    statement = next(each.statement for each in definitions() if each.name == "events_raw")
    table = emulated._create_table_input(hive.parse_table(statement))
    return SimpleNamespace(
        get_table=lambda **_: {"Table": table},
        meta=SimpleNamespace(region_name="eu-central-1"),
        exceptions=SimpleNamespace(EntityNotFoundException=KeyError),
    )
