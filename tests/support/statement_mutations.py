"""Statements with one error each, made from the project's own: what a checker must catch to be one."""

import re

from tests.support.statements import statements

TRINO = "queries/rising_and_falling.sql"
HIVE = "tables/events_raw.sql"

# What is wrong: what is replaced, and by what.
TRINO_ERRORS = {
    "a comma is missing": ("AS orders_before,\n", "AS orders_before\n"),
    "a comma too many": ("AS difference\n", "AS difference,\n"),
    "a comparison of another language": ("FROM counted\n", "FROM counted\nWHERE orders_after == 7\n"),
    "a cast of another language": ("CAST(? AS date)", "?::date"),
    "quotes of another language": ("source_menu", "`source_menu`"),
    "an unknown function": ("round(", "rounded("),
    "a function of another language": ("nullif(", "ifnull("),
    "a date function of another language": ("date_diff(", "datediff("),
    "half a clause": ("GROUP BY", "GROUP"),
    "an open parenthesis": ("sum(orders)", "sum(orders"),
    "two statements": ("ORDER BY source_menu, difference DESC, item\n", ";\nSELECT 1\n"),
    "clauses out of order": ("ORDER BY source_menu, difference DESC, item\n", "LIMIT 5 OFFSET 5\n"),
    "an interval of another language": ("CAST(? AS date) AND", "current_date - INTERVAL 7 DAY AND"),
    "a pattern of another language": ("day BETWEEN", "source_menu ILIKE 'a%' AND day BETWEEN"),
    "an argument too many": ("sum(orders)", "sum(orders, 1)"),
}
HIVE_ERRORS = {
    "a type without its length": ("`event_id` string", "`event_id` varchar"),
    "an unknown type": ("`event_id` string", "`event_id` text"),
    "half a map": ("map<string,string>", "map<string>"),
    "a map of another language": ("map<string,string>", "map(string,string)"),
    "a comma is missing": ("` bigint", " bigint"),
    "a comma too many": ("\n)\nPARTITIONED", ",\n)\nPARTITIONED"),
    "quotes of another language": ("`event_id` string", '"event_id" string'),
    "clauses out of order": ("PARTITIONED BY", "STORED AS PARQUET\nPARTITIONED BY"),
    "the location too early": ("STORED AS PARQUET", "LOCATION 's3://data/'\nSTORED AS PARQUET"),
    "an unknown format": ("PARQUET", "PARKET"),
    "a location without quotes": ("'s3://data/events/'", "s3://data/events/"),
    "properties with colons": ("'projection.enabled' = ", "'projection.enabled' : "),
    "a property without quotes": ("'projection.enabled' =", "projection.enabled ="),
    "a column partitions, too": ("(`ingest_month`", "(`event_id`"),
    "a column twice": ("`event_type`", "`event_id`"),
    "a decimal too wide": ("`unit_price` double", "`unit_price` decimal(40,2)"),
    "a constraint of another language": ("`event_id` string", "`event_id` string NOT NULL"),
    "a word misspelt": ("EXTERNAL", "EXTRENAL"),
    "two statements": ("'storage.location", "'x' = 'y');\nDROP TABLE a;\n('storage.location"),
    "a quote in a comment": ("client\\'s", "client's"),
}
# Those that sqlfluff's grammar of Hive lets pass, and Hive itself does not.
MILD = {
    "a type without its length",
    "quotes of another language",
    "clauses out of order",
    "a column partitions, too",
    "a column twice",
    "a decimal too wide",
    "a constraint of another language",
}


def trino(error: str) -> str:
    """Return a query with an error of TRINO_ERRORS."""
    return _mutated(statements()[TRINO], *TRINO_ERRORS[error])


def hive(error: str) -> str:
    """Return a table's statement with an error of HIVE_ERRORS."""
    return _mutated(statements()[HIVE], *HIVE_ERRORS[error])


def _mutated(statement: str, old: str, new: str) -> str:
    code = re.sub(r"--.*\n", "", statement)
    assert old in code
    return code.replace(old, new, 1)
