"""Prints a stack's letter to the owner, and writes it to build/letter.html and .txt; sends nothing.

`python -m preview.letter` asks the local stack; with `--stack NAME` a stack on AWS.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

from local.messages import UserError, run_command
from local.resources import stack_resources
from local.stack import ROOT, STACK_NAME, LocalStack, port

OUTPUT = ROOT / "build" / "letter"


def main(arguments: list[str] | None = None) -> int:
    """Call LetterFunction for a dry run, print the letter's text, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m preview.letter", description=__doc__)
    parser.add_argument("--stack", default="", help="name of the deployed stack; none: the local stack")
    parser.add_argument("--language", default="", help="en, de, it, fr or es; none: OwnerLanguage")
    parser.add_argument("--first-day", default="", help="the seven days from it on; none: the last week")
    options = parser.parse_args(arguments)
    if not options.stack:
        LocalStack(port()).adopt_environment()
    event = {"language": options.language, "first_day": options.first_day}
    connect: Any = boto3.client  # its types want to know the service when they are checked
    stack = options.stack or STACK_NAME
    letter = dry_run(connect, stack, {name: value for name, value in event.items() if value})
    paths = write(letter)
    print(f"Subject: {letter['subject']}\n\n{letter['text']}")
    print("menulens: " + ", ".join(str(path.relative_to(ROOT)) for path in paths))
    return 0


def dry_run(client: Callable[[str], Any], stack: str, event: dict[str, str]) -> dict[str, str]:
    """Return the letter of a stack; raise UserError if it sends none, or with the function's error."""
    function = stack_resources(client("cloudformation"), stack).get("LetterFunction")
    if function is None:
        raise UserError(
            f"the stack {stack} sends no letter: deploy it with OwnerEmail, in a region that has Amazon SES"
        )
    payload = json.dumps(event | {"dry_run": True}).encode()
    answer = client("lambda").invoke(FunctionName=function.id, Payload=payload)
    letter: dict[str, str] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise UserError(letter.get("errorMessage", str(letter)))
    return letter


def write(letter: dict[str, str], output: Path = OUTPUT) -> list[Path]:
    """Write the letter's two parts beside each other; return where they lie."""
    output.parent.mkdir(parents=True, exist_ok=True)
    paths = []
    for part, ending in (("html", ".html"), ("text", ".txt")):
        path = output.with_suffix(ending)
        path.write_text(letter[part], encoding="utf-8")
        paths.append(path)
    return paths


if __name__ == "__main__":
    sys.exit(run_command("letter", main))
