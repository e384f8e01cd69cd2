"""Athena of the local stack, through boto3 and the AWS CLI, against an emulator that enforces IAM."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from botocore.exceptions import ClientError

from tests.integration.local_emulator import ACCOUNT, REGION, running, until

EVENTS = """
-- Everything that was delivered; comments do not matter.
CREATE EXTERNAL TABLE IF NOT EXISTS `shop`.`visits` (
  `id` string COMMENT 'An id, unique; (really)',
  `quantity` int,
  `price` decimal(12,2),
  `seen_at` timestamp,
  `extra` map<string,string> COMMENT 'What else'
)
COMMENT 'Visits'
PARTITIONED BY (`arrived` date)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
  WITH SERDEPROPERTIES ('serialization.format' = '1')
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
  OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://data/visits/'
TBLPROPERTIES (
  'projection.enabled' = 'true', 'projection.arrived.type' = 'date',
  'projection.arrived.format' = 'yyyy-MM-dd',
  'projection.arrived.range' = '2026-01-01,NOW+1DAYS'
);
"""
ROWS = """
SELECT 'a' AS id, 2::INTEGER AS quantity, 14.50::DECIMAL(12,2) AS price,
       TIMESTAMP '2026-11-22 18:10:00' AS seen_at, MAP {'k': 'v', 'l': 'w'} AS extra
UNION ALL SELECT 'b "x"', 3, 0.25, NULL, NULL
"""


class Athena:
    """Clients of the emulator under test."""

    def __init__(self, port: int):
        self.endpoint = f"http://127.0.0.1:{port}"

    def client(self, service: str, **credentials: str) -> Any:
        given = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} | credentials
        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, **given)

    def start(self, sql: str, client: Any = None, **request: Any) -> str:
        request.setdefault("ResultConfiguration", {"OutputLocation": "s3://results/some/where/"})
        request.setdefault("QueryExecutionContext", {"Database": "shop"})
        client = client or self.client("athena")
        return client.start_query_execution(QueryString=sql, **request)["QueryExecutionId"]

    def wait(self, query_id: str) -> dict[str, Any]:
        def ended() -> dict[str, Any] | None:
            query = self.client("athena").get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            return query if query["Status"]["State"] not in ("QUEUED", "RUNNING") else None

        return until(ended)

    def run(self, sql: str, **request: Any) -> dict[str, Any]:
        query = self.wait(self.start(sql, **request))
        assert query["Status"]["State"] == "SUCCEEDED", query["Status"]
        return query

    def fail(self, sql: str, **request: Any) -> str:
        status = self.wait(self.start(sql, **request))["Status"]
        assert status["State"] == "FAILED"
        assert status["AthenaError"]["ErrorMessage"] == status["StateChangeReason"]
        assert status["AthenaError"]["ErrorCategory"] == 2
        return status["StateChangeReason"]

    def rows(self, sql: str, **request: Any) -> list[list[str | None]]:
        query = self.run(sql, **request)
        pages = self.client("athena").get_paginator("get_query_results")
        found = pages.paginate(QueryExecutionId=query["QueryExecutionId"])
        return [
            [cell.get("VarCharValue") for cell in row["Data"]]
            for page in found
            for row in page["ResultSet"]["Rows"]
        ]

    def put(self, key: str, body: bytes) -> None:
        self.client("s3").put_object(Bucket="data", Key=key, Body=body)

    def object(self, location: str) -> bytes:
        bucket, _, key = location.removeprefix("s3://").partition("/")
        return self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def parquet(directory: Path, sql: str) -> bytes:
    path = directory / "rows.parquet"
    duckdb.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


@pytest.fixture(scope="module")
def athena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Athena]:
    directory = tmp_path_factory.mktemp("emulator")
    with running(directory) as process:
        emulator = Athena(process.port)
        s3 = emulator.client("s3")
        for bucket in ("data", "results"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        emulator.run("CREATE DATABASE shop")
        emulator.run(EVENTS)
        for day in ("2025-12-31", "2026-11-20", "2026-11-21"):
            emulator.put(f"visits/arrived={day}/part", parquet(directory, ROWS))
        emulator.put("visits/arrived=2026-11-20/_SUCCESS", b"hidden")
        yield emulator


# --- definitions


def test_databases(athena):
    athena.run("CREATE SCHEMA IF NOT EXISTS `other`;")
    athena.run("CREATE DATABASE IF NOT EXISTS other COMMENT 'again'")
    assert "AlreadyExistsException" in athena.fail("CREATE DATABASE other")
    athena.run("CREATE VIEW other.v AS SELECT 1 AS x")
    assert "is not empty" in athena.fail("DROP DATABASE other")
    athena.run("DROP DATABASE other CASCADE")
    athena.run("DROP DATABASE IF EXISTS other")
    assert "EntityNotFoundException" in athena.fail("DROP SCHEMA other")


def test_a_table_is_in_glue_as_athena_writes_it(athena):
    table = athena.client("glue").get_table(DatabaseName="shop", Name="visits")["Table"]
    storage = table["StorageDescriptor"]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Parameters"]["EXTERNAL"] == "TRUE"
    assert table["Parameters"]["projection.arrived.range"] == "2026-01-01,NOW+1DAYS"
    assert storage["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert storage["InputFormat"].endswith("MapredParquetInputFormat")
    assert storage["Columns"][0] == {"Name": "id", "Type": "string", "Comment": "An id, unique; (really)"}
    assert storage["Columns"][4]["Type"] == "map<string,string>"
    assert [key["Name"] for key in table["PartitionKeys"]] == ["arrived"]


def test_a_view_is_in_glue_as_athena_writes_it(athena):
    sql = "SELECT id, quantity / 2 AS half, extra, seen_at AS Seen FROM visits"
    query = athena.run(f"-- why\nCREATE OR REPLACE VIEW halves AS\n{sql};")
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


def test_views_of_views(athena):
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
def test_what_fails(athena, sql, reason):
    assert reason in athena.fail(sql)


@pytest.mark.parametrize(
    "sql",
    ["SELEC 1", "SELECT 1; SELECT 2", "SELECT `id` FROM visits", "CREATE VIEW v AS SELEC 1", "DROP TABLE a b",
     "CREATE TABLE t (a int) LOCATION 's3://data/t/'", "ALTER TABLE visits ADD COLUMNS (x int)"],
)  # fmt: skip
def test_what_is_refused_at_submission(athena, sql):
    with pytest.raises(ClientError) as refused:
        athena.start(sql)
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"


def test_a_view_is_no_table(athena):
    athena.run("CREATE VIEW lonely AS SELECT 1 AS x")
    assert "Cannot drop a view with DROP TABLE" in athena.fail("DROP TABLE lonely")
    assert athena.rows("SHOW VIEWS IN shop LIKE 'lone*'") == [["lonely"]]
    assert athena.rows("SHOW CREATE VIEW lonely") == [["CREATE VIEW shop.lonely AS"], ["SELECT 1 AS x"]]
    athena.run("DROP VIEW lonely")


def test_looking_around(athena):
    assert ["visits"] in athena.rows("SHOW TABLES")
    assert ["visits"] not in athena.rows("SHOW VIEWS")
    described = [row[0].split("\t")[:2] for row in athena.rows("DESCRIBE visits")]
    assert [part.strip() for part in described[2]] == ["price", "decimal(12,2)"]
    query = athena.run("SHOW TABLES IN `shop`")
    assert query["StatementType"] == "UTILITY"
    location = query["ResultConfiguration"]["OutputLocation"]
    assert location.endswith(".txt")
    assert b"visits\n" in athena.object(location)


# --- results


def test_result_file_and_pages(athena):
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


def test_parameters(athena):
    sql = "SELECT id, ? AS x FROM visits WHERE id = ? AND arrived = DATE '2026-11-20'"
    assert athena.rows(sql, ExecutionParameters=["7", "'a'"]) == [["id", "x"], ["a", "7"]]
    assert "INVALID_PARAMETER_USAGE" in athena.fail(sql, ExecutionParameters=["7"])


def test_columns_without_a_name(athena):
    assert athena.rows("SELECT 1 AS a, 2, count(*) FROM visits")[0] == ["a", "_col1", "_col2"]


def test_the_cli(athena):
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


def test_queries_run_side_by_side(athena):
    started = [athena.start(f"SELECT count(*) + {n} AS n FROM visits") for n in range(8)]
    assert {athena.wait(query)["Status"]["State"] for query in started} == {"SUCCEEDED"}


# --- data


def test_projected_partitions_only_and_pruning(athena):
    everything = athena.run("SELECT sum(quantity) FROM visits")
    one_day = athena.run("SELECT sum(quantity) FROM visits WHERE arrived = DATE '2026-11-20'")
    assert athena.rows("SELECT DISTINCT arrived FROM visits ORDER BY 1")[1:] == [
        ["2026-11-20"],
        ["2026-11-21"],
    ]
    scanned = [query["Statistics"]["DataScannedInBytes"] for query in (everything, one_day)]
    assert scanned[0] == 2 * scanned[1] > 0


@pytest.mark.parametrize("missing", ["type", "range", "format"])
def test_wrong_projection(athena, missing):
    properties = {"type": "date", "range": "2026-01-01,NOW", "format": "yyyy-MM-dd"}
    listed = ", ".join(f"'projection.d.{k}' = '{v}'" for k, v in properties.items() if k != missing)
    athena.run(
        f"CREATE EXTERNAL TABLE wrong_{missing} (a int) PARTITIONED BY (d string) STORED AS PARQUET "
        f"LOCATION 's3://data/wrong/' TBLPROPERTIES ('projection.enabled' = 'true', {listed})"
    )
    assert f"projection.d.{missing}" in athena.fail(f"SELECT * FROM wrong_{missing}")


def test_location_template_and_integers(athena, tmp_path):
    athena.put("hours/at/07/x", parquet(tmp_path, "SELECT 1::INTEGER AS a"))
    athena.put("hours/at/24/x", parquet(tmp_path, "SELECT 2::INTEGER AS a"))
    athena.run(
        "CREATE EXTERNAL TABLE hours (a int) PARTITIONED BY (h string, k string) STORED AS PARQUET "
        "LOCATION 's3://data/hours/' "
        "TBLPROPERTIES ('projection.enabled' = 'true', 'projection.h.type' = 'integer', "
        "'projection.h.range' = '0,23', 'projection.h.digits' = '2', 'projection.k.type' = 'enum', "
        "'projection.k.values' = 'at,by', 'storage.location.template' = 's3://data/hours/${k}/${h}')"
    )
    assert athena.rows("SELECT a, h, k FROM hours")[1:] == [["1", "07", "at"]]


def test_registered_partitions(athena, tmp_path):
    athena.put("days/d=1/x", parquet(tmp_path, "SELECT 1::INTEGER AS a"))
    athena.put("days/d=2/x", parquet(tmp_path, "SELECT 2::INTEGER AS a"))
    athena.run(
        "CREATE EXTERNAL TABLE days (a int) PARTITIONED BY (d int) STORED AS PARQUET LOCATION 's3://data/days/'"
    )
    assert athena.rows("SELECT * FROM days")[1:] == []
    athena.client("glue").create_partition(
        DatabaseName="shop",
        TableName="days",
        PartitionInput={"Values": ["2"], "StorageDescriptor": {"Location": "s3://data/days/d=2"}},
    )
    assert athena.rows("SELECT a, d + 1 AS next FROM days")[1:] == [["2", "3"]]


def test_parquet_of_other_shapes(athena, tmp_path):
    athena.put("shapes/1", parquet(tmp_path, "SELECT 'x' AS b, 1::INTEGER AS A"))
    athena.put("shapes/2", parquet(tmp_path, "SELECT 2::INTEGER AS a, 9 AS other"))
    athena.run(
        "CREATE EXTERNAL TABLE shapes (a bigint, b string) STORED AS PARQUET LOCATION 's3://data/shapes/'"
    )
    assert athena.rows("SELECT * FROM shapes ORDER BY a")[1:] == [["1", "x"], ["2", None]]
    athena.put("shapes/3", parquet(tmp_path, "SELECT 3::INTEGER AS b"))
    assert "HIVE_BAD_DATA" in athena.fail("SELECT * FROM shapes")
    athena.put("shapes/3", b"no Parquet")
    assert "HIVE_BAD_DATA" in athena.fail("SELECT * FROM shapes")


def test_json(athena):
    athena.put("json/1", b'{"at": "2026-11-22 18:10:00", "n": 1, "tags": {"k": "v"}, "other": 1}\n{"n": 2}\n')
    ddl = """CREATE EXTERNAL TABLE {} (n int, at timestamp, tags map<string,string>)
        ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' {} LOCATION 's3://data/json/'"""
    athena.run(ddl.format("strict", ""))
    athena.run(ddl.format("lenient", "WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true')"))
    assert athena.rows("SELECT n, at, tags['k'] FROM strict WHERE n = 1")[1:] == [
        ["1", "2026-11-22 18:10:00.000", "v"]
    ]
    athena.put("json/2", b"{no json\n")
    assert "HIVE_CURSOR_ERROR" in athena.fail("SELECT * FROM strict")
    assert athena.rows("SELECT count(n) FROM lenient")[1:] == [["2"]]


def test_csv(athena):
    athena.put("csv/1", b'a,b\n"x, y",1\n,\n')
    athena.run(
        "CREATE EXTERNAL TABLE rows_of_csv (a string, b string) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://data/csv/' "
        "TBLPROPERTIES ('skip.header.line.count' = '1')"
    )
    assert athena.rows("SELECT * FROM rows_of_csv")[1:] == [["x, y", "1"], ["", ""]]


def test_no_objects(athena):
    athena.run(
        "CREATE EXTERNAL TABLE nothing (m map<string,string>, d decimal(12,2), t timestamp, s struct<a:int>) "
        "STORED AS PARQUET LOCATION 's3://data/nothing/'"
    )
    query = athena.run("SELECT m, d, t, s, element_at(m, 'x') AS x FROM nothing")
    found = athena.client("athena").get_query_results(QueryExecutionId=query["QueryExecutionId"])["ResultSet"]
    types = [column["Type"] for column in found["ResultSetMetadata"]["ColumnInfo"]]
    assert types == ["map", "decimal", "timestamp", "row", "varchar"]
    assert len(found["Rows"]) == 1


def test_changed_and_deleted_objects(athena, tmp_path):
    athena.run("CREATE EXTERNAL TABLE changing (a int) STORED AS PARQUET LOCATION 's3://data/changing/'")
    for n in (1, 2):
        athena.put("changing/x", parquet(tmp_path, f"SELECT {n}::INTEGER AS a"))
        assert athena.rows("SELECT * FROM changing")[1:] == [[str(n)]]
    athena.client("s3").delete_object(Bucket="data", Key="changing/x")
    assert athena.rows("SELECT * FROM changing")[1:] == []


# --- work groups


def test_work_groups(athena):
    client = athena.client("athena")
    settings = {
        "ResultConfiguration": {"OutputLocation": "s3://results/group/"},
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10_000_000,
    }
    client.create_work_group(Name="small", Configuration=settings)
    query = athena.run("SELECT 1 AS x", WorkGroup="small")
    location = f"s3://results/group/{query['QueryExecutionId']}.csv"
    assert query["ResultConfiguration"]["OutputLocation"] == location
    assert athena.object(location) == b'"x"\n"1"\n'
    athena.put("large/x", b"0123456789\n" * 1_000_000)
    athena.run(
        "CREATE EXTERNAL TABLE large (a string) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://data/large/'"
    )
    status = athena.wait(athena.start("SELECT a FROM large", WorkGroup="small"))["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Bytes scanned limit was exceeded")
    client.update_work_group(WorkGroup="small", State="DISABLED")
    for group in ("small", "unknown"):
        with pytest.raises(client.exceptions.InvalidRequestException):
            athena.start("SELECT 1", WorkGroup=group)


def test_results_of_what_did_not_succeed(athena):
    client = athena.client("athena")
    query = athena.wait(athena.start("SELECT 1/0"))
    with pytest.raises(client.exceptions.InvalidRequestException, match="Final query state: FAILED"):
        client.get_query_results(QueryExecutionId=query["QueryExecutionId"])
    assert "Unable to verify" in athena.fail(
        "SELECT 1", ResultConfiguration={"OutputLocation": "s3://no-such-bucket/"}
    )


# --- permissions

RESULTS = [["s3:GetBucketLocation", "arn:aws:s3:::results"], ["s3:PutObject", "arn:aws:s3:::results/*"]]
GLUE = f"arn:aws:glue:{REGION}:{ACCOUNT}"
READ_GLUE = [["glue:GetTable", f"{GLUE}:{part}"] for part in ("catalog", "database/shop", "table/shop/*")]
READ_S3 = [["s3:ListBucket", "arn:aws:s3:::data"], ["s3:GetObject", "arn:aws:s3:::data/visits/*"]]
CREATE = [[action, f"{GLUE}:*"] for action in ("glue:GetDatabase", "glue:CreateTable")]


def allowed_to(athena: Athena, name: str, permissions: list[list[str]]) -> Any:
    """Return a client with a role that may use Athena, and nothing more than the permissions."""
    iam = athena.client("iam")
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}
    role = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(trust | {"Version": "2012-10-17"})
    )
    allowed = [["athena:*", "*"], *permissions]
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=policy)
    session = athena.client("sts").assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="test")[
        "Credentials"
    ]
    return athena.client(
        "athena",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


@pytest.mark.parametrize(
    ("name", "sql", "permissions", "denied"),
    [
        ("no-glue", "SELECT id FROM visits", RESULTS + READ_S3, f"glue:GetTable on resource: {GLUE}:catalog"),
        ("no-list", "SELECT id FROM visits", RESULTS + READ_GLUE + READ_S3[1:],
         "s3:ListBucket on resource: arn:aws:s3:::data"),
        ("no-read", "SELECT id FROM visits", RESULTS + READ_GLUE + READ_S3[:1],
         "s3:GetObject on resource: arn:aws:s3:::data/visits/"),
        ("no-write", "SELECT id FROM visits", RESULTS[:1] + READ_GLUE + READ_S3,
         "s3:PutObject on resource: arn:aws:s3:::results/"),
        ("no-create", "CREATE VIEW secret AS SELECT id FROM visits", RESULTS + READ_GLUE + CREATE[:1],
         f"glue:CreateTable on resource: {GLUE}:catalog"),
        ("no-drop", "DROP TABLE visits", RESULTS + READ_GLUE, "glue:DeleteTable on resource: arn:aws:glue"),
    ],
)  # fmt: skip
def test_denied(athena, name, sql, permissions, denied):
    client = allowed_to(athena, name, permissions)
    status = athena.wait(athena.start(sql, client=client))["Status"]
    assert status["State"] == "FAILED"
    reason = status["StateChangeReason"]
    assert reason.startswith("Insufficient permissions to execute the query. User: arn:aws:sts::")
    assert f"/{name}/test is not authorized to perform: {denied}" in reason


def test_allowed(athena):
    client = allowed_to(athena, "reader", RESULTS + READ_GLUE + READ_S3)
    assert athena.wait(athena.start("SELECT id FROM visits", client=client))["Status"]["State"] == "SUCCEEDED"
    maker = allowed_to(athena, "maker", RESULTS + READ_GLUE + CREATE)
    sql = "CREATE VIEW made AS SELECT id FROM visits"
    assert athena.wait(athena.start(sql, client=maker))["Status"]["State"] == "SUCCEEDED"


def test_thousands_of_objects(athena, tmp_path):
    body = parquet(tmp_path, "SELECT 1::INTEGER AS a")
    for n in range(300):
        athena.put(f"many/{n:04}", body)
    athena.run("CREATE EXTERNAL TABLE many (a int) STORED AS PARQUET LOCATION 's3://data/many/'")
    assert athena.rows("SELECT sum(a) FROM many")[1:] == [["300"]]
    started = time.monotonic()
    assert athena.rows("SELECT sum(a) FROM many")[1:] == [["300"]]
    assert time.monotonic() - started < 5
