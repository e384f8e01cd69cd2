"""Athena of the local stack, through boto3 and the AWS CLI: definitions, queries and results."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.local_athena import Athena
from tests.support.local_emulator import REGION


def test_databases(athena: Athena) -> None:
    athena.run("CREATE SCHEMA IF NOT EXISTS `other`;")
    athena.run("CREATE DATABASE IF NOT EXISTS other COMMENT 'again'")
    assert "AlreadyExistsException" in athena.fail("CREATE DATABASE other")
    athena.run("CREATE VIEW other.v AS SELECT 1 AS x")
    assert "is not empty" in athena.fail("DROP DATABASE other")
    athena.run("DROP DATABASE other CASCADE")
    athena.run("DROP DATABASE IF EXISTS other")
    assert "EntityNotFoundException" in athena.fail("DROP SCHEMA other")


def test_a_table_is_in_glue_as_athena_writes_it(athena: Athena) -> None:
    table = athena.client("glue").get_table(DatabaseName="shop", Name="visits")["Table"]
    storage = table["StorageDescriptor"]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Parameters"]["EXTERNAL"] == "TRUE"
    assert table["Parameters"]["projection.arrived.range"] == "2026-01-01,NOW+1DAYS"
    assert storage["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert storage["InputFormat"].endswith("MapredParquetInputFormat")
    assert storage["Columns"][0] == {
        "Name": "id",
        "Type": "string",
        "Comment": "The row's id, unique; (really)",
    }
    assert storage["Columns"][4]["Type"] == "map<string,string>"
    assert [key["Name"] for key in table["PartitionKeys"]] == ["arrived"]


def test_a_column_comment_has_at_most_255_characters(athena: Athena) -> None:
    """https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html; Athena hands on Glue's error."""
    ddl = "CREATE EXTERNAL TABLE commented (a string COMMENT '{comment}') LOCATION 's3://data/commented/'"
    athena.run(ddl.format(comment="x" * 255))
    athena.run("DROP TABLE commented")
    assert "length less than or equal to 255" in athena.fail(ddl.format(comment="x" * 256))


def test_a_view_has_at_most_409600_characters_in_glue(athena: Athena) -> None:
    """https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html; the statement itself may be longer.

    Three bytes of it become four characters, and a quotation mark in it two bytes before that.
    """
    statement = "CREATE VIEW long AS SELECT '{text}' AS text"
    athena.run(statement.format(text="x" * 200_000))
    athena.run("DROP VIEW long")
    assert "length less than or equal to 409600" in athena.fail(statement.format(text='"' * 200_000))


def test_a_view_is_in_glue_as_athena_writes_it(athena: Athena) -> None:
    sql = "SELECT id, quantity / 2 AS half, extra, seen_at AS Seen FROM visits"
    query = athena.run(f"CREATE OR REPLACE VIEW halves AS\n{sql};")
    assert query["StatementType"] == "DDL"
    view = athena.client("glue").get_table(DatabaseName="shop", Name="halves")["Table"]
    assert view["TableType"] == "VIRTUAL_VIEW"
    assert view["ViewExpandedText"] == "/* Presto View */"
    assert view["Parameters"] == {"presto_view": "true", "comment": "Presto View"}
    assert view["StorageDescriptor"]["Columns"] == [
        {"Name": "id", "Type": "string"},
        {"Name": "half", "Type": "int"},
        {"Name": "extra", "Type": "map<string,string>"},
        {"Name": "seen", "Type": "timestamp"},
    ]
    text = view["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    definition = json.loads(base64.b64decode(text))
    assert (definition["originalSql"], definition["catalog"], definition["schema"]) == (
        sql,
        "awsdatacatalog",
        "shop",
    )
    assert definition["columns"][3] == {"name": "seen", "type": "timestamp(3)"}


def test_views_of_views(athena: Athena) -> None:
    athena.run(
        "CREATE VIEW per_day AS SELECT arrived, sum(price) / count(*) AS mean FROM visits GROUP BY arrived"
    )
    athena.run("CREATE VIEW `shop`.`dear_days` AS SELECT * FROM per_day WHERE mean > 1")
    assert athena.rows("SELECT * FROM dear_days ORDER BY 1") == [
        ["arrived", "mean"],
        ["2026-11-20", "7.38"],
        ["2026-11-21", "7.38"],
    ]
    assert "already exists" in athena.fail("CREATE VIEW per_day AS SELECT 1 AS x")
    athena.run("CREATE OR REPLACE VIEW per_day AS SELECT 1 AS x")
    assert "INVALID_VIEW: Failed analyzing stored view" in athena.fail("SELECT * FROM dear_days")
    athena.run("CREATE OR REPLACE VIEW per_day AS SELECT 5 AS mean")
    assert "VIEW_IS_STALE" in athena.fail("SELECT * FROM dear_days")
    athena.run("DROP VIEW dear_days")
    athena.run("DROP VIEW per_day")
    athena.run("DROP VIEW IF EXISTS per_day")
    assert "not found" in athena.fail("DROP VIEW per_day")


def test_a_query_follows_the_types_of_what_it_names(athena: Athena) -> None:
    texts = []
    for number in ("10000000", "1e7", "10000000"):
        athena.run(f"CREATE OR REPLACE VIEW numbers AS SELECT {number} AS n")
        texts += athena.rows("SELECT CAST(n AS varchar) AS text FROM numbers")[1]
    assert texts == ["10000000", "1.0E7", "10000000"]
    athena.run("DROP VIEW numbers")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            "CREATE VIEW v AS SELECT nope FROM visits",
            "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved",
        ),
        (
            "CREATE VIEW v AS SELECT * FROM nope",
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.shop.nope'",
        ),
        (
            "CREATE VIEW v AS SELECT nope(1) AS x",
            "FUNCTION_NOT_FOUND: line 1:8: Function 'nope' not registered",
        ),
        ("CREATE VIEW v AS SELECT 1", "MISSING_COLUMN_NAME"),
        (
            "CREATE OR REPLACE VIEW visits AS SELECT 1 AS x",
            "Table 'awsdatacatalog.shop.visits' already exists",
        ),
        ("CREATE VIEW nope.v AS SELECT 1 AS x", "SCHEMA_NOT_FOUND"),
        ("DROP VIEW visits", "Cannot drop a table with DROP VIEW"),
        ("DROP TABLE nope", "Table not found"),
        ("SELECT * FROM nope.visits", "SCHEMA_NOT_FOUND"),
        ("SELECT id FROM visits WHERE arrived = '2026-11-20'", "TYPE_MISMATCH"),
        ("SHOW TABLES IN nope", "Database does not exist"),
    ],
)
def test_what_fails(athena: Athena, sql: str, reason: str) -> None:
    assert reason in athena.fail(sql)


@pytest.mark.parametrize(
    "sql",
    ["SELEC 1", "SELECT 1; SELECT 2", "SELECT `id` FROM visits", "CREATE VIEW v AS SELEC 1", "DROP TABLE a b",
     "CREATE TABLE t (a int) LOCATION 's3://data/t/'", "ALTER TABLE visits ADD COLUMNS (x int)"],
)  # fmt: skip
def test_what_is_refused_at_submission(athena: Athena, sql: str) -> None:
    with pytest.raises(ClientError) as refused:
        athena.start(sql)
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"


@pytest.mark.parametrize(
    ("sql", "near"),
    [
        ("-- Why\nCREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'", "line 1:0 .* near '<EOF>'"),
        ("CREATE EXTERNAL TABLE t (\n  a int -- why\n) LOCATION 's3://data/t/'", "line 1:34 .* near '<EOF>'"),
        ("/* {} */ CREATE EXTERNAL TABLE t (a int) LOCATION 's3://data/t/'", r"line 1:0 .* near '/' '\*'"),
        ("-- Why\nCREATE OR REPLACE VIEW v AS SELECT 1 AS x", "line 1:0 .* near '<EOF>'"),
        ("-- Why\nDROP TABLE IF EXISTS t", "line 1:0 .* near '<EOF>'"),
    ],
)
def test_a_comment_in_ddl_fails(athena: Athena, sql: str, near: str) -> None:
    """Athena's DDL is reported to know no comments.

    Before a table: https://github.com/dbt-labs/dbt-external-tables/pull/203 ("the whole query gets commented
    out") and https://github.com/Tomme/dbt-athena/pull/64; within one, and in views:
    https://github.com/sqlfluff/sqlfluff/issues/4633. Queries may have them: dbt-athena puts one before each.
    """
    assert re.search(f"FAILED: ParseException: {near}", athena.fail(sql))
    assert athena.rows("-- Why\nSELECT 1 /* what */ AS x") == [["x"], ["1"]]
    athena.run("CREATE VIEW quoted AS SELECT '--' AS \"/* x */\"")
    athena.run("DROP VIEW quoted")


def test_a_statement_has_a_longest_length(athena: Athena) -> None:
    """262,144 bytes, not to be raised: https://repost.aws/knowledge-center/athena-query-string-length."""
    with pytest.raises(ClientError, match="less than or equal to 262144"):
        athena.start(f"SELECT '{'x' * 262_144}'")


def test_a_view_is_no_table(athena: Athena) -> None:
    athena.run("CREATE VIEW lonely AS SELECT 1 AS x")
    assert "Cannot drop a view with DROP TABLE" in athena.fail("DROP TABLE lonely")
    assert athena.rows("SHOW VIEWS IN shop LIKE 'lone*'") == [["lonely"]]
    assert athena.rows("SHOW CREATE VIEW lonely") == [["CREATE VIEW shop.lonely AS"], ["SELECT 1 AS x"]]
    athena.run("DROP VIEW lonely")


def test_looking_around(athena: Athena) -> None:
    assert ["visits"] in athena.rows("SHOW TABLES")
    assert ["visits"] not in athena.rows("SHOW VIEWS")
    price = athena.rows("DESCRIBE visits")[2][0]
    assert price is not None
    assert [part.strip() for part in price.split("\t")[:2]] == ["price", "decimal(12,2)"]
    query = athena.run("SHOW TABLES IN `shop`")
    assert query["StatementType"] == "UTILITY"
    location = query["ResultConfiguration"]["OutputLocation"]
    assert location.endswith(".txt")
    assert b"visits\n" in athena.object(location)


def test_result_file_and_pages(athena: Athena) -> None:
    query = athena.run(
        "SELECT id, price, seen_at, extra FROM visits WHERE arrived = DATE '2026-11-20' ORDER BY id"
    )
    query_id = query["QueryExecutionId"]
    assert query["StatementType"] == "DML"
    assert query["ResultConfiguration"]["OutputLocation"] == f"s3://results/some/where/{query_id}.csv"
    assert athena.object(f"s3://results/some/where/{query_id}.csv").decode() == (
        '"id","price","seen_at","extra"\n'
        '"a","14.50","2026-11-22 18:10:00.000","{k=v, l=w}"\n'
        '"b ""x""","0.25",,\n'
    )
    page = athena.client("athena").get_query_results(QueryExecutionId=query_id, MaxResults=2)
    assert [row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]] == ["id", "a"]
    types = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [column["Type"] for column in types] == ["varchar", "decimal", "timestamp", "map"]
    assert (types[1]["Precision"], types[1]["Scale"]) == (12, 2)
    rest = athena.client("athena").get_query_results(QueryExecutionId=query_id, NextToken=page["NextToken"])
    assert [row["Data"][0]["VarCharValue"] for row in rest["ResultSet"]["Rows"]] == ['b "x"']
    assert rest["ResultSet"]["Rows"][0]["Data"][2] == {}
    assert "NextToken" not in rest


def test_parameters(athena: Athena) -> None:
    sql = "SELECT id, ? AS x FROM visits WHERE id = ? AND arrived = DATE '2026-11-20'"
    assert athena.rows(sql, ExecutionParameters=["7", "'a'"]) == [["id", "x"], ["a", "7"]]
    assert "INVALID_PARAMETER_USAGE" in athena.fail(sql, ExecutionParameters=["7"])


def test_columns_without_a_name(athena: Athena) -> None:
    assert athena.rows("SELECT 1 AS a, 2, count(*) FROM visits")[0] == ["a", "_col1", "_col2"]


def test_the_cli(athena: Athena) -> None:
    def aws(*arguments: str) -> dict[str, Any]:
        environment = {
            "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": athena.endpoint, "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        }  # fmt: skip
        command = [str(Path(sys.executable).with_name("aws")), "athena", *arguments, "--output", "json"]
        return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)

    started = aws("start-query-execution", "--query-string", "SELECT count(*) AS n FROM shop.visits",
                  "--result-configuration", "OutputLocation=s3://results/cli/")  # fmt: skip
    query_id = started["QueryExecutionId"]
    assert athena.wait(query_id)["Status"]["State"] == "SUCCEEDED"
    assert aws("get-query-results", "--query-execution-id", query_id)["ResultSet"]["Rows"][1] == {
        "Data": [{"VarCharValue": "4"}]
    }


def test_queries_run_side_by_side(athena: Athena) -> None:
    started = [athena.start(f"SELECT count(*) + {n} AS n FROM visits") for n in range(8)]
    assert {athena.wait(query)["Status"]["State"] for query in started} == {"SUCCEEDED"}


def test_results_of_what_did_not_succeed(athena: Athena) -> None:
    client = athena.client("athena")
    query = athena.wait(athena.start("SELECT 1/0"))
    with pytest.raises(client.exceptions.InvalidRequestException, match="Final query state: FAILED"):
        client.get_query_results(QueryExecutionId=query["QueryExecutionId"])
    assert "Unable to verify" in athena.fail(
        "SELECT 1", ResultConfiguration={"OutputLocation": "s3://no-such-bucket/"}
    )
