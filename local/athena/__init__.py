"""Athena on DuckDB: statements, views, tables in S3, results, permissions."""
