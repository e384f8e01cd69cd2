"""Athena, whose SQL DuckDB answers.

Emulates: statements, views, saved queries, results and permissions of Athena engine 3.

Not covered: speed, queues, prepared statements, data catalogs other than Glue's, and reuse of results.

Reference: https://docs.aws.amazon.com/athena/latest/ug/
"""
