"""Athena of the local stack: what it reads, and which objects it leaves alone."""

import time
from pathlib import Path

import pytest

from tests.support.local_athena import Athena, parquet


def test_projected_partitions_only_and_pruning(athena: Athena) -> None:
    everything = athena.run("SELECT sum(quantity) FROM visits")
    one_day = athena.run("SELECT sum(quantity) FROM visits WHERE arrived = DATE '2026-11-20'")
    assert athena.rows("SELECT DISTINCT arrived FROM visits ORDER BY 1")[1:] == [
        ["2026-11-20"],
        ["2026-11-21"],
    ]
    scanned = [query["Statistics"]["DataScannedInBytes"] for query in (everything, one_day)]
    assert scanned[0] == 2 * scanned[1] > 0


@pytest.mark.parametrize("missing", ["type", "range", "format"])
def test_wrong_projection(athena: Athena, missing: str) -> None:
    properties = {"type": "date", "range": "2026-01-01,NOW", "format": "yyyy-MM-dd"}
    listed = ", ".join(f"'projection.d.{k}' = '{v}'" for k, v in properties.items() if k != missing)
    athena.run(
        f"CREATE EXTERNAL TABLE wrong_{missing} (a int) PARTITIONED BY (d string) STORED AS PARQUET "
        f"LOCATION 's3://data/wrong/' TBLPROPERTIES ('projection.enabled' = 'true', {listed})"
    )
    assert f"projection.d.{missing}" in athena.fail(f"SELECT * FROM wrong_{missing}")


def test_location_template_and_integers(athena: Athena, tmp_path: Path) -> None:
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


def test_registered_partitions(athena: Athena, tmp_path: Path) -> None:
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


def test_parquet_of_other_shapes(athena: Athena, tmp_path: Path) -> None:
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


HIVE_JSON = "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe' LOCATION 's3://data/{}/'"


def test_json(athena: Athena) -> None:
    """Hive's SerDe matches keys whatever their case, and takes the text of a number for a string.

    https://github.com/apache/hive, hcatalog/core/src/main/java/org/apache/hive/hcatalog/data/JsonSerDe.java
    """
    columns = "n int, at timestamp, day date, text string, yes boolean"
    athena.run(f"CREATE EXTERNAL TABLE json ({columns}) {HIVE_JSON.format('json')}")
    first = '{"AT": "2026-11-22 18:10:00.1", "n": 1, "day": "2026-11-22", "text": "ü", "yes": "TRUE"}'
    athena.put("json/1", f'{first}\n{{"n": null, "text": 1.50, "x": [1]}} {{"n": 2}}\n'.encode())
    assert athena.rows("SELECT * FROM json ORDER BY n")[1:] == [
        ["1", "2026-11-22 18:10:00.100", "2026-11-22", "ü", "true"],
        [None, None, None, "1.50", None],
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"{no json",
        b'{"n": 1',
        b"",
        b"[]",
        b'{"n": "1"}',
        b'{"n": 3000000000}',
        b'{"at": "2026-11-22T18:10:00Z"}',
        b'{"day": "22.11.2026"}',
        b'{"text": {"a": 1}}',
        b'{"n": 1, "N": 2}',
    ],
)
def test_json_that_fails_the_query(athena: Athena, line: bytes) -> None:
    """A line that Hive's SerDe cannot read fails the query, whichever columns it asks for.

    https://docs.aws.amazon.com/athena/latest/ug/hive-json-serde.html has the error and forbids a key twice.
    https://github.com/trinodb/trino, lib/trino-hive-formats, JsonDeserializer.java has the rest.
    """
    athena.run("DROP TABLE IF EXISTS bad_json")
    columns = "n int, at timestamp, day date, text string"
    athena.run(f"CREATE EXTERNAL TABLE bad_json ({columns}) {HIVE_JSON.format('bad-json')}")
    athena.put("bad-json/1", b'{"n": 1}\n' + line + b"\n")
    assert "HIVE_CURSOR_ERROR" in athena.fail("SELECT count(*) FROM bad_json")


def test_csv(athena: Athena) -> None:
    athena.put("csv/1", b'a,b\n"x, y",1\n,\n')
    athena.run(
        "CREATE EXTERNAL TABLE rows_of_csv (a string, b string) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://data/csv/' "
        "TBLPROPERTIES ('skip.header.line.count' = '1')"
    )
    assert athena.rows("SELECT * FROM rows_of_csv")[1:] == [["x, y", "1"], ["", ""]]


def test_no_objects(athena: Athena) -> None:
    athena.run(
        "CREATE EXTERNAL TABLE nothing (m map<string,string>, d decimal(12,2), t timestamp, s struct<a:int>) "
        "STORED AS PARQUET LOCATION 's3://data/nothing/'"
    )
    query = athena.run("SELECT m, d, t, s, element_at(m, 'x') AS x FROM nothing")
    results = athena.client("athena").get_query_results(QueryExecutionId=query["QueryExecutionId"])
    types = [column["Type"] for column in results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
    assert types == ["map", "decimal", "timestamp", "row", "varchar"]
    assert len(results["ResultSet"]["Rows"]) == 1


def test_changed_and_deleted_objects(athena: Athena, tmp_path: Path) -> None:
    athena.run("CREATE EXTERNAL TABLE changing (a int) STORED AS PARQUET LOCATION 's3://data/changing/'")
    for n in (1, 2):
        athena.put("changing/x", parquet(tmp_path, f"SELECT {n}::INTEGER AS a"))
        assert athena.rows("SELECT * FROM changing")[1:] == [[str(n)]]
    athena.client("s3").delete_object(Bucket="data", Key="changing/x")
    assert athena.rows("SELECT * FROM changing")[1:] == []


def test_thousands_of_objects(athena: Athena, tmp_path: Path) -> None:
    body = parquet(tmp_path, "SELECT 1::INTEGER AS a")
    for n in range(300):
        athena.put(f"many/{n:04}", body)
    athena.run("CREATE EXTERNAL TABLE many (a int) STORED AS PARQUET LOCATION 's3://data/many/'")
    assert athena.rows("SELECT sum(a) FROM many")[1:] == [["300"]]
    started = time.monotonic()
    assert athena.rows("SELECT sum(a) FROM many")[1:] == [["300"]]
    assert time.monotonic() - started < 5
