"""The type of a connection to DuckDB, for annotations."""

import duckdb

# An alias, which nothing evaluates. Hypothesis and pytest keep what annotations name until the process ends,
# and nanobind prints that as a leak of DuckDB's classes.
type Database = duckdb.DuckDBPyConnection
