"""Athena's SQL, translated to DuckDB's."""
