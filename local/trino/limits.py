"""Limits of Athena and Trino that DuckDB lacks; see tests/unit/test_trino_limits.py.

DuckDB itself refuses overflows, divisions by zero, casts out of range and a key twice in a map.
"""

# https://github.com/trinodb/trino: SequenceFunction.MAX_RESULT_ENTRIES
SEQUENCE_ENTRIES = 10_000
# https://docs.aws.amazon.com/athena/latest/ug/service-limits.html: not adjustable
STATEMENT_BYTES = 262_144
