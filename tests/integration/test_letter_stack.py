"""The owner's letter through a deployed stack: its numbers are Athena's, SES gets it, nothing of it stays."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.parser import BytesParser
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from demo.expected import expected_of
from demo.simulation import simulate
from demo.traffic import send
from local.ses import SENT
from local.stack import STACK_NAME, TIME_ZONE, LocalStack
from tests.support.deployment import ask, eventually, resources

OWNER = "owner@example.com"
NOW = datetime.now(ZoneInfo(TIME_ZONE))
DAYS = 23  # hold two complete weeks and a day before them
FIRST_DAY = NOW.date() - timedelta(days=NOW.weekday() + 7)
BEFORE = FIRST_DAY - timedelta(days=7)


@pytest.fixture(scope="module")
def parameters() -> dict[str, str]:
    return {"OwnerEmail": OWNER, "AlarmEmail": "deployer@example.com"}


class Letter:
    """The stack's function, called as the scheduler and as people call it."""

    def __init__(self, stack: LocalStack) -> None:
        self._functions = stack.client("lambda")
        self._name = resources(stack)["LetterFunction"]

    def call(self, **event: Any) -> dict[str, Any]:
        """Call the function, and return its answer or its error."""
        answer = self._functions.invoke(FunctionName=self._name, Payload=json.dumps(event).encode())
        return dict(json.loads(answer["Payload"].read()))


@pytest.fixture(scope="module")
def letter(stack: LocalStack) -> Letter:
    return Letter(stack)


@pytest.fixture(scope="module")
def visits(stack: LocalStack, letter: Letter) -> LocalStack:
    """The stack, with weeks of visits in it, once a letter was written without any."""
    empty = letter.call(dry_run=True)
    assert "neither" in empty["text"] or "no visit and no order" in empty["text"], empty
    requests = simulate(7, DAYS, NOW, visits_per_day=20)
    sent = send(requests, stack.local_url(stack.outputs()["EventsBatchUrl"]), progress=False)
    assert sent.failed == 0
    expected = expected_of(requests)
    stored = expected.unique + expected.repeats
    eventually(stack, f"SELECT 1 AS n FROM events_raw HAVING count(*) >= {stored}", 1)
    return stack


def totals(stack: LocalStack, first_day: date) -> dict[str, str]:
    """Ask for a week's totals in another way than the letter does."""
    period = f"day BETWEEN DATE '{first_day}' AND DATE '{first_day + timedelta(days=6)}'"
    (row,) = ask(
        stack,
        "SELECT sum(visits) AS visits, sum(orders) AS orders, sum(visits_with_order) AS visits_with_order,"
        f" sum(revenue) AS revenue FROM menu_comparison WHERE {period}",
    )
    return row


def test_the_numbers_are_those_of_athena(visits: LocalStack, letter: Letter) -> None:
    answer = letter.call(dry_run=True)
    assert answer["first_day"] == FIRST_DAY.isoformat()
    now, before = totals(visits, FIRST_DAY), totals(visits, BEFORE)
    lines = {line.split("  ")[0]: line for line in answer["text"].splitlines()}
    for name, label in (("visits", "Visits"), ("orders", "Orders")):
        change = round((int(now[name]) / int(before[name]) - 1) * 100)
        words = f"({change:+,}%)" if change else "(unchanged)"
        assert f" {int(now[name]):,} {words}" in lines[label]
    shares = [int(week["visits_with_order"]) / int(week["visits"]) * 100 for week in (now, before)]
    assert f" {shares[0]:.1f}% " in lines["Visits that order"]
    assert f"({shares[0] - shares[1]:+.1f} points)" in lines["Visits that order"]
    (gained,) = ask(
        visits,
        "SELECT max(change) AS change FROM ("
        f"SELECT sum(CASE WHEN day >= DATE '{FIRST_DAY}' THEN quantity ELSE -quantity END) AS change"
        f" FROM item_performance WHERE day BETWEEN DATE '{BEFORE}' AND DATE '{FIRST_DAY + timedelta(days=6)}'"
        " GROUP BY source_menu, item)",
    )
    assert f": +{gained['change']} – " in answer["text"]


def test_money_is_that_of_athena_in_each_currency(visits: LocalStack, letter: Letter) -> None:
    rows = ask(
        visits,
        "SELECT currency, sum(revenue) AS revenue FROM menu_comparison"
        f" WHERE day BETWEEN DATE '{FIRST_DAY}' AND DATE '{FIRST_DAY + timedelta(days=6)}'"
        " GROUP BY currency HAVING sum(revenue) > 0",
    )
    text = letter.call(dry_run=True)["text"]
    assert rows
    for row in rows:
        assert f"{float(row['revenue']):,.2f}" in text


@pytest.mark.parametrize("language", ["de", "it", "fr", "es"])
def test_the_letter_is_written_in_each_language(visits: LocalStack, letter: Letter, language: str) -> None:
    answer = letter.call(dry_run=True, language=language)
    assert f'<html lang="{language}">' in answer["html"]
    assert answer["subject"] != letter.call(dry_run=True)["subject"]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"week": 1}, "unknown: week; the letter takes dry_run, first_day, language"),
        ({"language": "la"}, "language is 'la', but must be one of de, en, es, fr, it"),
        ({"first_day": "16.11.2026"}, "first_day is '16.11.2026', but must be a day such as 2026-11-16"),
        ({"first_day": NOW.date().isoformat()}, "are not over"),
    ],
)
def test_a_wrong_call_is_explained(letter: Letter, event: dict[str, Any], message: str) -> None:
    answer = letter.call(dry_run=True, **event)
    assert message in answer["errorMessage"]


def test_an_address_that_nobody_verified_gets_nothing_and_the_error_says_why(
    visits: LocalStack, letter: Letter
) -> None:
    """SES answers 400 MessageRejected.

    https://repost.aws/knowledge-center/ses-554-400-message-rejected-error
    """
    ses = visits.client("sesv2")
    assert not ses.get_email_identity(EmailIdentity=OWNER)["VerifiedForSendingStatus"]
    answer = letter.call()
    assert "SES rejected the letter: Email address is not verified" in answer["errorMessage"]
    assert "docs/letter.md" in answer["errorMessage"]


@pytest.fixture(scope="module")
def verified(visits: LocalStack) -> LocalStack:
    """The stack, whose owner has followed AWS's link."""
    visits.client("ses").verify_email_identity(EmailAddress=OWNER)
    assert visits.client("sesv2").get_email_identity(EmailIdentity=OWNER)["VerifiedForSendingStatus"]
    return visits


def test_ses_gets_the_letter_in_two_parts(verified: LocalStack, letter: Letter) -> None:
    answer = letter.call()
    name = answer["message_id"].partition("@")[0]
    mail = BytesParser(policy=default).parsebytes((SENT / f"{name}.eml").read_bytes())
    assert mail["To"] == OWNER
    assert mail["From"] == f"MenuLens <{OWNER}>"
    expected = letter.call(dry_run=True)
    assert mail["Subject"] == expected["subject"]
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert (SENT / f"{name}.txt").read_text() == expected["text"]
    assert (SENT / f"{name}.html").read_text() == expected["html"]


@pytest.mark.parametrize("resource", ["identity", "configuration-set"])
def test_sending_is_authorized_on_the_identity_and_on_the_configuration_set(
    verified: LocalStack, letter: Letter, resource: str
) -> None:
    """Stacks that grant one of the two fail: aws/aws-cdk#34402, usdigitalresponse/usdr-gost#3080."""
    iam, name = verified.client("iam"), resources(verified)["LetterRole"]
    put = {"RoleName": name, "PolicyName": "letter"}
    document = iam.get_role_policy(**put)["PolicyDocument"]
    changed = json.loads(json.dumps(document))
    (statement,) = [part for part in changed["Statement"] if part["Action"] == "ses:SendEmail"]
    assert len(statement["Resource"]) == 2
    statement["Resource"] = [arn for arn in statement["Resource"] if f":{resource}/" not in arn]
    iam.put_role_policy(**put, PolicyDocument=json.dumps(changed))
    answer = letter.call()
    iam.put_role_policy(**put, PolicyDocument=json.dumps(document))
    assert "AccessDenied" in answer["errorMessage"]
    assert f":{resource}/" in answer["errorMessage"]


@pytest.fixture(scope="module")
def bounces(verified: LocalStack) -> Iterator[tuple[LocalStack, str]]:
    """The stack with an owner whose mailbox bounces, and a queue that gets what AlarmEmail gets."""
    owner = "bounce@simulator.amazonses.com"
    verified.deploy(OwnerEmail=owner, AlarmEmail="deployer@example.com")
    verified.client("ses").verify_email_identity(EmailAddress=owner)
    sqs, sns = verified.client("sqs"), verified.client("sns")
    queue = sqs.create_queue(QueueName="alerts")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = resources(verified)["Alerts"]
    policy = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [policy | {"Resource": arn}]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": document})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    yield verified, queue
    sqs.delete_queue(QueueUrl=queue)


def test_a_letter_that_bounces_is_told_to_the_alarm_address(bounces: tuple[LocalStack, str]) -> None:
    """The mailbox simulator's address bounces, and the event names the configuration set as an auto-tag.

    https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
    https://docs.aws.amazon.com/ses/latest/dg/monitor-using-event-publishing.html
    """
    stack, queue = bounces
    assert OWNER not in str(stack.client("sesv2").list_email_identities()["EmailIdentities"])
    assert "message_id" in Letter(stack).call()
    (message,) = stack.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    assert "the letter to the owner of 20" in message["Body"]
    assert "Email Bounced" in message["Body"]
    assert "docs/letter.md" in message["Body"]
    assert "\n" not in message["Body"]


def test_without_an_owner_nothing_of_the_letter_stays(verified: LocalStack) -> None:
    verified.deploy(OwnerEmail="")
    ses, logs = verified.client("sesv2"), verified.client("logs")
    assert ses.list_email_identities()["EmailIdentities"] == []
    assert ses.list_configuration_sets()["ConfigurationSets"] == []
    assert not logs.describe_log_groups(logGroupNamePrefix=f"/menulens/{STACK_NAME}/letter")["logGroups"]
    assert not any("Letter" in name or "Owner" in name for name in resources(verified))


def test_an_address_that_has_an_identity_is_rejected(verified: LocalStack) -> None:
    """CreateEmailIdentity answers AlreadyExistsException; AWS::SES::EmailIdentity does not adopt one.

    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_CreateEmailIdentity.html
    """
    verified.client("sesv2").create_email_identity(EmailIdentity="own@example.com")
    with pytest.raises(Exception, match="already exist"):
        verified.deploy(OwnerEmail="own@example.com")
    verified.client("sesv2").delete_email_identity(EmailIdentity="own@example.com")
