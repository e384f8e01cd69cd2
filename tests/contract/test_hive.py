"""Every table of athena/, made by Hive itself: its parser, its semantics, its catalog.

Hive 2.3 comes inside pyspark, which needs Java; neither is installed by `make test`. `.ci/run` installs both.
It stands in for Athena's Hive, without S3 and without the SerDe of rejected_events.
"""

import importlib.util
import re
import shutil
from collections.abc import Callable, Iterator

import pytest

from local.athena.hive import parse_table
from tests.support import statement_mutations
from tests.support.statements import is_hive, statements

if not importlib.util.find_spec("pyspark"):
    pytest.skip("pyspark is not installed (uv sync --all-groups)", allow_module_level=True)
if not shutil.which("java"):
    pytest.skip("Java is not installed", allow_module_level=True)

pytestmark = pytest.mark.slow  # Hive takes its time to start
JSON = "org.apache.hive.hcatalog.data.JsonSerDe"  # in a part of Hive that pyspark lacks; Hive must load it
HIVE_OWN = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"


@pytest.fixture(scope="module")
def hive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], dict[str, str]]]:
    """Makes a table in Hive and returns its columns' comments; raises what Hive says against it."""
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("hive")
    patch = pytest.MonkeyPatch()
    patch.setenv("SPARK_TESTING", "1")  # lets a statement go to Hive as it is
    patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "spark.testing": "true",
        "spark.ui.enabled": "false",
        "spark.log.level": "OFF",
        "spark.sql.warehouse.dir": folder / "warehouse",
        "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:metastore;create=true",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
    }
    builder = SparkSession.builder.master("local[1]").enableHiveSupport()
    for name, value in settings.items():
        builder = builder.config(name, str(value))
    session = builder.getOrCreate()
    client = session._jsparkSession.sharedState().externalCatalog().unwrapped().client()
    client.runSqlHive("CREATE DATABASE menulens")

    def run(statement: str) -> dict[str, str]:
        code = statement.replace("s3://data/", f"file:{folder}/").replace(JSON, HIVE_OWN)
        client.runSqlHive(code)
        name = re.search(r"`menulens`.`(\w+)`", code)[1]  # type: ignore[index]
        columns = client.getTable("menulens", name).schema()
        client.runSqlHive(f"DROP TABLE menulens.{name}")
        fields = [columns.apply(i) for i in range(columns.size())]
        return {field.name(): field.getComment().getOrElse(None) for field in fields}

    yield run
    session.stop()
    patch.undo()


def test_every_table_is_made(hive: Callable[[str], dict[str, str]]) -> None:
    tables = [statement for statement in statements().values() if is_hive(statement)]
    assert len(tables) >= 2
    for statement in tables:
        hive(statement)


def comments(statement: str) -> dict[str, str]:
    """Return the comments of a table's columns as the local Athena reads them."""
    table = parse_table(statement)
    return {column["Name"]: column["Comment"] for column in [*table.columns, *table.partition_keys]}


def test_comments_survive(hive: Callable[[str], dict[str, str]]) -> None:
    """Athena's DDL takes a backslash before an apostrophe: https://github.com/tobymao/sqlglot/issues/5232."""
    for statement in statements().values():
        if is_hive(statement):
            assert hive(statement) == comments(statement)
    assert comments(statements()["tables/events_raw.sql"])["clock_adjusted"].startswith("The client's clock")


@pytest.mark.parametrize(
    "literal",
    ["'it''s'", r"'it\'s'", '"it\'s"', r'"\"it\""', r"'a\\b'", r"'\n\t\d\%\_'", r"'\u00e9\101'", "'--'"],
)
def test_the_local_athena_reads_a_literal_as_hive_does(
    hive: Callable[[str], dict[str, str]], literal: str
) -> None:
    """Hive takes `'it''s'` for two literals side by side and loses the apostrophe."""
    table = "CREATE EXTERNAL TABLE `menulens`.`t`"
    statement = f"{table} (`a` int COMMENT {literal}) PARTITIONED BY (`b` int COMMENT '')"
    assert comments(statement)["a"] == hive(statement)["a"]


def test_every_error_is_found(hive: Callable[[str], dict[str, str]]) -> None:
    for error in statement_mutations.HIVE_ERRORS:
        with pytest.raises(Exception, match="FAILED"):
            hive(statement_mutations.hive(error))
