"""Writes the owner's letter of a week, and sends it by Amazon SES.

EventBridge Scheduler calls it on Mondays. Called with `dry_run`, it returns the letter and sends nothing.
"""

import os
import time
from datetime import date, datetime, timedelta
from email.utils import formataddr
from pathlib import Path
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

import boto3
from botocore.exceptions import ClientError

import html_part
import text_part
from athena_queries import Athena, Rows
from content import Sender, write
from figures import DAYS, Figures
from language import LANGUAGES, Language

STATEMENTS = Path(__file__).with_name("statements")
OPTIONS = {"dry_run", "first_day", "language"}
GRACE_SECONDS = 20  # that remain for the letter itself once Athena has answered


class NotSentError(Exception):
    """SES rejected the letter; the message says why, and what to do."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Send the letter of the week that is over, or return it; say which week, and SES's id of the message.

    `event` may have `dry_run` (true: return `subject`, `text` and `html`, and send nothing), `first_day`
    (such as "2026-11-16": the seven days from it on, which must be over) and `language` (one of LANGUAGES).
    Raise ValueError for other events, athena_queries.QueryError if Athena does not answer, and NotSentError.
    """
    first_day, language = _options(event)
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - GRACE_SECONDS
    athena = Athena(boto3.client("athena"), os.environ["DATABASE"], os.environ["WORK_GROUP"], deadline)
    figures = ask(athena, first_day)
    sender = Sender(
        os.environ["STACK_NAME"],
        os.environ["OWNER_EMAIL"],
        os.environ["CURRENCY"],
        os.environ.get("DASHBOARD_URL", ""),
    )
    content = write(figures, language, sender)
    letter = {
        "subject": content.subject,
        "text": text_part.render(content),
        "html": html_part.render(content),
    }
    answer = {"first_day": first_day.isoformat(), "language": language.code}
    if event.get("dry_run"):
        return answer | letter
    return answer | {"message_id": _send(sender.address, letter)}


def ask(athena: Athena, first_day: date) -> Figures:
    """Return the figures of the week that begins on a day; the statements run in Athena at the same time."""
    last_day = first_day + timedelta(days=DAYS - 1)
    values = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
    running = {
        path.stem: athena.start(Template(path.read_text(encoding="utf-8")).substitute(values))
        for path in sorted(STATEMENTS.glob("*.sql"))
    }
    rows: dict[str, Rows] = {name: athena.rows(query_id) for name, query_id in running.items()}
    figures = Figures.of_sales(first_day, rows["sales"])
    figures.add_dishes(rows["dishes"])
    figures.add_pairs(rows["pairs"])
    figures.add_health(rows["health"])
    return figures


def _options(event: dict[str, Any]) -> tuple[date, Language]:
    if unknown := sorted(event.keys() - OPTIONS):
        raise ValueError(f"unknown: {', '.join(unknown)}; the letter takes {', '.join(sorted(OPTIONS))}")
    today = datetime.now(ZoneInfo(os.environ["TIME_ZONE"])).date()
    monday = today - timedelta(days=today.weekday() + DAYS)
    text = event.get("first_day", monday.isoformat())
    try:
        first_day = date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"first_day is {text!r}, but must be a day such as 2026-11-16") from None
    if first_day + timedelta(days=DAYS) > today:
        raise ValueError(f"the seven days from {first_day} on are not over")
    code = event.get("language", os.environ["OWNER_LANGUAGE"])
    if code not in LANGUAGES:
        raise ValueError(f"language is {code!r}, but must be one of {', '.join(LANGUAGES)}")
    return first_day, Language(code)


def _send(address: str, letter: dict[str, str]) -> str:
    """Send the letter from the owner's address to itself, and return SES's id of the message.

    SES makes multipart/alternative of the two parts. With parts instead of a raw message, the role needs
    ses:SendEmail alone: SES asks for ses:SendRawEmail for raw messages, also in version 2 of its API
    (github.com/aws/aws-actionmailer-ses-ruby/issues/10).
    """
    subject, text, html = ({"Data": letter[part], "Charset": "UTF-8"} for part in ("subject", "text", "html"))
    try:
        message = boto3.client("sesv2").send_email(
            FromEmailAddress=formataddr(("MenuLens", address)),
            Destination={"ToAddresses": [address]},
            ConfigurationSetName=os.environ["CONFIGURATION_SET"],
            Content={"Simple": {"Subject": subject, "Body": {"Text": text, "Html": html}}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "MessageRejected":
            raise
        raise NotSentError(
            f"SES rejected the letter: {error.response['Error']['Message']} Follow the link in the e-mail"
            " that AWS has sent to the address, or have it sent again: docs/letter.md says how."
        ) from error
    return str(message["MessageId"])
