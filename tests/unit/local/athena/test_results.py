"""Values and types as Athena's results write them."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from local.athena.results import hive_type, text, trino_type


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (True, "true"),
        (1.0, "1.0"),
        (12345678.5, "1.23456785E7"),
        (0.00025, "2.5E-4"),
        (float("nan"), "NaN"),
        (Decimal("14.50"), "14.50"),
        (datetime(2026, 11, 22, 18, 10), "2026-11-22 18:10:00.000"),
        (date(2026, 11, 22), "2026-11-22"),
        ({"a": 1, "b": None}, "{a=1, b=null}"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_text_of_a_value(value: object, written: str | None) -> None:
    assert text(value) == written


@pytest.mark.parametrize(
    ("duck", "trino_name", "hive_name"),
    [
        ("BIGINT", "bigint", "bigint"),
        ("INTEGER", "integer", "int"),
        ("VARCHAR", "varchar", "string"),
        ("DECIMAL(12,2)", "decimal(12, 2)", "decimal(12,2)"),
        ("TIMESTAMP", "timestamp(3)", "timestamp"),
        ("MAP(VARCHAR, INTEGER[])", "map(varchar, array(integer))", "map<string,array<int>>"),
        ("STRUCT(a INTEGER)", "row(a integer)", "struct<a:int>"),
    ],
)
def test_names_of_a_type(duck: str, trino_name: str, hive_name: str) -> None:
    assert (trino_type(duck), hive_type(duck)) == (trino_name, hive_name)
