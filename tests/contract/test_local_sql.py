"""docs/local-sql.md lists the functions of the local Athena, and each of its limits is one."""

import re

import duckdb
import pytest

from local.trino import rewrites
from local.trino import translation as trino
from local.trino.errors import QueryFailed
from local.trino.functions import FUNCTIONS
from tests.support import ROOT

PAGE = (ROOT / "docs" / "local-sql.md").read_text()


def test_the_page_lists_the_functions() -> None:
    listed = re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)[0].split()
    assert listed == sorted(FUNCTIONS | rewrites._FUNCTIONS)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT reduce(ARRAY[1], 0, (total, x) -> total + x, total -> total * 2)",
        "SELECT date_format(TIMESTAMP '2026-11-01 12:00:00', lower('%Y'))",
        "SELECT date_format(TIMESTAMP '2026-11-01 12:00:00', '%D')",
        "SELECT date_add(lower('DAY'), 1, DATE '2026-11-01')",
        "SELECT from_iso8601_timestamp('2026-11-01T12:00:00+01:00')",
        "SELECT TIMESTAMP '2026-11-01 12:00:00 UTC' AT TIME ZONE 'Europe/Rome'",
        "SELECT map_agg(k, v) FROM (VALUES ('a', 1), ('a', 2)) AS t (k, v)",
        "SELECT * FROM UNNEST(ARRAY[1], ARRAY[2]) AS t (x, y)",
        "SELECT CAST(1 AS json)",
        "SELECT * FROM (VALUES 1) AS t (x) TABLESAMPLE BERNOULLI (50)",
        "SELECT x FROM (VALUES 1) AS t (x) QUALIFY row_number() OVER () = 1",
        "SELECT 'a' ILIKE 'A'",
        "SELECT '1'::integer",
        "SELECT width_bucket(1e0, 0e0, 2e0, 4)",
    ],
)
def test_what_the_page_excludes_is_an_error(query: str) -> None:
    with trino.connect() as connection, pytest.raises((QueryFailed, duckdb.Error)):
        connection.execute(trino.translate(trino.parse(query), connection)).fetchall()
