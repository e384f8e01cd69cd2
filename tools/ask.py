"""Asks a stack's Athena in SQL, and prints the answer as a table.

`python -m tools.ask SQL` asks the local stack; with `--stack NAME` a stack on AWS.
"""

import argparse
import sys
from typing import Any

import boto3
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.messages import UserError, plain, run_command
from local.stack import STACK_NAME, LocalStack, port
from preview.queries import Answer, answer

NUMERIC = {"tinyint", "smallint", "integer", "bigint", "float", "real", "double", "decimal"}
NO_WIDTH = 100_000  # columns of a table that nobody reads in a terminal


def main(arguments: list[str] | None = None) -> int:
    """Ask the question of the arguments, print the answer, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m tools.ask", description=__doc__)
    parser.add_argument("sql", help="a query on the tables and views of athena/")
    parser.add_argument("--stack", default="", help="name of the deployed stack; none: the local stack")
    options = parser.parse_args(arguments)
    if not options.sql.strip():
        raise UserError('there is no question: make ask SQL="SELECT * FROM visits LIMIT 10"')
    if not options.stack:
        LocalStack(port()).adopt_environment()
    client: Any = boto3.client
    description = client("cloudformation").describe_stacks(StackName=options.stack or STACK_NAME)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in description["Stacks"][0]["Outputs"]}
    show(answer(client("athena"), options.sql, outputs["DatabaseName"], outputs["WorkGroupName"]), Console())
    return 0


def show(answer: Answer, console: Console) -> None:
    """Print an answer as a table, whatever is in its texts, and how many rows there are.

    In a terminal, long texts are wrapped; elsewhere, each row is one line. A null is a dash.
    """
    table = Table(box=SIMPLE_HEAD)
    for name, of_type in answer.columns:
        justify: Any = "right" if of_type in NUMERIC else "left"
        table.add_column(Text(name), justify=justify, overflow="fold")
    for row in answer.rows:
        table.add_row(*("–" if value is None else _plain(value) for value in row))
    if not console.is_terminal:
        console.width = NO_WIDTH
    if answer.columns:
        console.print(table)
    count = len(answer.rows)
    console.print(Text(f"{count:,} {'row' if count == 1 else 'rows'}"))


def _plain(value: str) -> Text:
    return Text(plain(value))


if __name__ == "__main__":
    sys.exit(run_command("ask", main))
