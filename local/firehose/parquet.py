"""Firehose's record format conversion: the JSON of a whole buffer into one Parquet object, by DuckDB.

Emulates: the OpenX JSON SerDe and the Parquet serializer. Unknown keys are ignored, missing ones are NULL,
text becomes the number or time that it spells. Keys become lower case, those inside maps too, unless
CaseInsensitive is false: then a key matches the column of exactly its name. A key that comes twice fails
the record. Of a decimal column only NULL converts: the SerDe has no decimal type, so neither text nor
numbers become one. A map without entries fails the record, as in writers of Parquet that AWS may use.

Not covered: the types inside the Parquet file (AWS writes times as INT96), and other options of the SerDes.

Reference:
https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html
https://docs.aws.amazon.com/firehose/latest/APIReference/API_OpenXJsonSerDe.html
https://github.com/rcongiu/Hive-JSON-Serde (ParsePrimitiveUtils: times; issues 54: decimals, 104: keys)
https://github.com/apache/parquet-format/issues/308 (empty maps)
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from ministack.services import firehose as emulated

from local.firehose.records import Failure, Record

_TIME_SQL = """CASE
    WHEN contains({0}, ':') THEN timezone('UTC', TRY_CAST({0} AS TIMESTAMPTZ))
    WHEN contains({0}, '.') THEN make_timestamp(CAST(TRY_CAST({0} AS DOUBLE) * 1000000 AS BIGINT))
    WHEN length({0}) >= 13 THEN epoch_ms(TRY_CAST({0} AS BIGINT))
    ELSE epoch_ms(TRY_CAST({0} AS BIGINT) * 1000) END"""


def convert(
    conversion: dict[str, Any], glue: Any, account: str, records: list[Record]
) -> tuple[bytes, list[Failure]]:
    """Convert what converts into a Parquet object, empty when nothing does, and say why the rest does not."""
    schema = conversion["SchemaConfiguration"]
    table = {
        "catalogId": schema.get("CatalogId", account),
        "databaseName": schema["DatabaseName"],
        "tableName": schema["TableName"],
        "region": schema.get("Region", glue.meta.region_name),
        "versionId": schema.get("VersionId", "LATEST"),
    }
    try:
        response = glue.get_table(DatabaseName=schema["DatabaseName"], Name=schema["TableName"])
    except glue.exceptions.EntityNotFoundException:
        return b"", [_failure(record, emulated._conversion_error("table"), table) for record in records]
    columns = {c["Name"].lower(): c["Type"] for c in response["Table"]["StorageDescriptor"]["Columns"]}
    decoder = _decoder(conversion)
    rows, failures = [], []
    for number, record in enumerate(records):
        try:
            rows += [_row(number, document, columns) for document in _documents(record.data, decoder)]
        except emulated._DeliveryError as error:
            failures.append(_failure(record, error, table))
    parquet, misfits = _write(columns, rows)
    mismatch = emulated._conversion_error("mismatch")
    return parquet, failures + [_failure(records[number], mismatch, table) for number in misfits]


def _failure(record: Record, error: Any, table: dict[str, str]) -> Failure:
    return Failure(record, error.output_type, error.code, error.message, table=table)


def _decoder(conversion: dict[str, Any]) -> json.JSONDecoder:
    """Return a decoder that treats keys as the conversion's SerDe does."""
    deserializer = conversion.get("InputFormatConfiguration", {}).get("Deserializer", {})
    case_insensitive = deserializer.get("OpenXJsonSerDe", {}).get("CaseInsensitive", True)

    def collect_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        collected = {key.lower() if case_insensitive else key: value for key, value in pairs}
        if len(collected) < len(pairs):
            raise ValueError("Duplicate key")
        return collected

    # Numbers stay text: DuckDB casts it to the column's type, so that nothing is lost on the way.
    return json.JSONDecoder(
        parse_int=str, parse_float=str, parse_constant=_reject, object_pairs_hook=collect_pairs
    )


def _documents(data: bytes, decoder: json.JSONDecoder) -> list[dict[str, Any]]:
    """Parse a record's JSON objects; they may follow each other with or without space between them."""
    documents = []
    try:
        text = data.decode().strip()
        while text:
            document, end = decoder.raw_decode(text)
            documents.append(document)
            text = text[end:].lstrip()
    except (ValueError, RecursionError) as error:
        raise emulated._conversion_error("malformed") from error
    if not documents:
        raise emulated._conversion_error("empty")
    if any(not isinstance(document, dict) for document in documents):
        raise emulated._conversion_error("mismatch")
    return documents


def _reject(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _row(record_number: int, document: dict[str, Any], columns: dict[str, str]) -> bytes:
    """Write a row for DuckDB to read: the record's number, and each column's value as text."""
    if {} in document.values():
        raise emulated._conversion_error("mismatch")
    row = {f"column{n}": _text(document.get(name)) for n, name in enumerate(columns)}
    # A lone surrogate has no UTF-8; Java writes a question mark for it.
    return json.dumps({"record": record_number, **row}, ensure_ascii=False).encode("utf-8", "replace")


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _write(columns: dict[str, str], rows: list[bytes]) -> tuple[bytes, list[int]]:
    """Write the rows of all records that fit the columns; name by number the records that do not."""
    if not rows:
        return b"", []
    sources = {name: f"column{n}" for n, name in enumerate(columns)}
    values = {name: _cast(source, columns[name]) for name, source in sources.items()}
    misfit = " OR ".join(f"({sources[name]} IS NOT NULL AND {values[name]} IS NULL)" for name in columns)
    selected = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
    with tempfile.TemporaryDirectory() as directory, duckdb.connect() as database:
        source, target = Path(directory, "rows.json"), Path(directory, "rows.parquet")
        source.write_bytes(b"\n".join(rows))
        database.execute("SET TimeZone = 'UTC'")
        types = {"record": "BIGINT", **dict.fromkeys(sources.values(), "VARCHAR")}
        json_rows = database.read_json(str(source), format="newline_delimited", columns=types)
        json_rows.project(f'record AS "record number", {misfit} AS misfit, {selected}').to_table("converted")
        converted = database.table("converted")
        misfits = converted.filter("misfit").project('"record number"').distinct().set_alias("misfits")
        fits = converted.join(misfits, '"record number"', how="anti")
        fits.project('* EXCLUDE ("record number", misfit)').write_parquet(str(target), compression="gzip")
        record_numbers = sorted(record_number for (record_number,) in misfits.fetchall())
        return (target.read_bytes() if fits.limit(1).fetchall() else b""), record_numbers


def _cast(source: str, hive_type: str) -> str:
    """Return SQL for a value of the type, NULL when the text does not spell one."""
    duckdb_type = emulated._hive_to_duckdb_type(hive_type)
    if duckdb_type == "VARCHAR":
        return source
    if duckdb_type == "TIMESTAMP":
        return _TIME_SQL.format(source)
    if "decimal" in hive_type.lower():
        return f"CAST(NULL AS {duckdb_type})"
    nested = "<" in hive_type
    return f"TRY_CAST({f'TRY_CAST({source} AS JSON)' if nested else source} AS {duckdb_type})"
