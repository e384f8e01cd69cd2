"""Athena of the local stack: clients of an emulator, and a table with two rows a day."""

from pathlib import Path
from typing import Any

import boto3
import duckdb

from tests.support.local_emulator import REGION, until

EVENTS = """
CREATE EXTERNAL TABLE IF NOT EXISTS `shop`.`visits` (
  `id` string COMMENT 'The row\\'s id, unique; (really)',
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
        credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} | credentials
        make_client: Any = boto3.client  # its types ask for a literal name of a service
        return make_client(service, endpoint_url=self.endpoint, region_name=REGION, **credentials)

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
        paginator = self.client("athena").get_paginator("get_query_results")
        pages = paginator.paginate(QueryExecutionId=query["QueryExecutionId"])
        return [
            [cell.get("VarCharValue") for cell in row["Data"]]
            for page in pages
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
