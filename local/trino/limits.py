"""Limits of Athena, Trino and Glue that DuckDB and the emulator lack, each with its source.

Emulates: the limits below, each by the error that ends a statement. Where Trino reads a text, an index or a
unit more strictly than DuckDB, `types` and `macros.sql` hold it to Trino's.

Not covered: memory, time and the number of rows. DuckDB itself rejects overflows, divisions of whole numbers
by zero, casts out of range and a key twice in a map; one in map_agg too, of which Trino keeps one value.

Reference: beside each limit.
"""

# https://github.com/trinodb/trino: SequenceFunction.MAX_RESULT_ENTRIES
SEQUENCE_ENTRIES = 10_000
# https://github.com/trinodb/trino: DateTimeFunctions.getDateField
DATE_UNITS = ("day", "week", "month", "quarter", "year")
# https://docs.aws.amazon.com/athena/latest/ug/service-limits.html: not adjustable
STATEMENT_BYTES = 262_144
# https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html
COLUMN_COMMENT_LENGTH = 255
# https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html: ViewOriginalText, base64 included
VIEW_TEXT_LENGTH = 409_600
# https://trino.io/docs/current/admin/properties-query-management.html: query.max-stage-count, beyond which a
# query ends in QUERY_HAS_TOO_MANY_STAGES. Stages are parts of Trino's plan, which nothing makes here:
# tests/contract/test_athena_statements.py counts what can become one.
STAGES = 150
