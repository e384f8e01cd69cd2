"""Athena's SQL, translated to DuckDB's.

Emulates: Trino's syntax, types, functions and limits, within docs/local-sql.md.

Not covered: Trino's planner; whether Athena accepts a query, only Athena tells.

Reference: https://docs.aws.amazon.com/athena/latest/ug/engine-versions-reference-0003.html
"""
