"""Amazon SES as an account in its sandbox has it: addresses verify by a click, and what is sent is kept.

Emulates: an identity of a template is not verified until its owner follows the link of an e-mail; a second
identity of an address is rejected. Sender and receivers must be verified. SendEmail is authorized on the
sender's identity and on the configuration set, which must exist. Mail to the mailbox simulator bounces or
brings a complaint, as an event on EventBridge's default bus if the configuration set has such a destination.
What is sent lies in build/letter/, as .eml, .html and .txt.

Not covered: the click, for which a call of VerifyEmailIdentity stands, with which AWS only sends the e-mail
again; delivery, spam filters and quotas; messages that are raw or made of a template.

Reference:
https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html
https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html (the mailbox simulator)
https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html
https://github.com/aws/aws-cdk/issues/34402 (both resources of SendEmail)
"""

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ministack.core import iam_actions
from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, ses, ses_v2
from ministack.services.cloudformation import provisioners

type Response = tuple[int, dict[str, str], bytes]
type Resource = tuple[str, dict[str, str]]  # the physical id, and the attributes

SENT = Path(__file__).parent.parent / "build" / "letter"
SEND_EMAIL = "/v2/email/outbound-emails"
IDENTITY = "/v2/email/identities/"
# What becomes of mail to the simulator's mailboxes: the type of event, and its name on EventBridge.
SIMULATED = {
    "bounce@simulator.amazonses.com": ("BOUNCE", "Email Bounced"),
    "complaint@simulator.amazonses.com": ("COMPLAINT", "Email Complaint Received"),
}
_handle_request = ses_v2.handle_request
_create_identity = provisioners._ses_email_identity_create


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
) -> Response:
    """Serve a request of version 2 of the API; SendEmail as in the sandbox."""
    if method == "GET" and path.startswith(IDENTITY):
        _note_click(unquote(path.removeprefix(IDENTITY)))
    if (method, path) != ("POST", SEND_EMAIL):
        response: Response = await _handle_request(method, path, headers, body, query_params)
        return response
    message = json.loads(body)
    name = message.get("ConfigurationSetName", "")
    if name and (refusal := _refusal(name)):
        return refusal
    ses._account_details["account"] = {"ProductionAccessEnabled": False}
    response = await _handle_request(method, path, headers, body, query_params)
    if response[0] == 200:
        message_id = json.loads(response[2])["MessageId"]
        _keep(message, message_id)
        _report(message, message_id, name)
    return response


def sending_identity(body: bytes) -> str:
    """Return the ARN of the identity that a SendEmail is authorized on."""
    address = parseaddr(json.loads(body).get("FromEmailAddress", ""))[1]
    return f"arn:aws:ses:{get_region()}:{get_account_id()}:identity/{address}"


def create_identity(logical_id: str, properties: dict[str, Any], stack_name: str) -> Resource:
    """Create an identity of a template, which waits for the click; ValueError if there is one already."""
    name = properties["EmailIdentity"]
    if name in ses_v2._identities:
        raise ValueError(f"Email identity {name} already exist. (AlreadyExistsException)")
    resource: Resource = _create_identity(logical_id, properties, stack_name)
    ses._identities[name]["VerificationStatus"] = "Pending"
    ses_v2._identities[name]["VerifiedForSendingStatus"] = False
    return resource


def _note_click(name: str) -> None:
    """Let version 2 of the API say what version 1 knows of an identity."""
    if name in ses_v2._identities:
        status = ses._identities.get(name, {}).get("VerificationStatus")
        ses_v2._identities[name]["VerifiedForSendingStatus"] = status == "Success"


def _refusal(configuration_set: str) -> Response | None:
    """Return SES's answer if the configuration set is missing, or the caller may not send with it."""
    if configuration_set not in ses_v2._config_sets:
        text = f"Configuration set <{configuration_set}> does not exist."
        return _error(404, "NotFoundException", text)
    arn = f"arn:aws:ses:{get_region()}:{get_account_id()}:configuration-set/{configuration_set}"
    denial = iam.enforce(iam._verified_key.get(), "ses:SendEmail", "ses", get_region(), arn, {})
    if denial is None:
        return None
    if isinstance(denial, iam.AuthError):
        return _error(403, "AccessDeniedException", denial.message)
    text = iam_actions.identity_denial_message(
        "ses:SendEmail", denial.principal_arn, arn, denial.decision == "Deny"
    )
    return _error(403, "AccessDeniedException", text)


def _error(status: int, code: str, message: str) -> Response:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}
    return status, headers, json.dumps({"message": message}).encode()


def _keep(message: dict[str, Any], message_id: str) -> None:
    """Write what was sent into SENT: the whole message, and each of its parts as a reader shows it."""
    simple = message["Content"]["Simple"]
    text, html = (simple["Body"][part]["Data"] for part in ("Text", "Html"))
    mail = EmailMessage(SMTP)
    mail["From"] = message["FromEmailAddress"]
    mail["To"] = ", ".join(message["Destination"]["ToAddresses"])
    mail["Subject"] = simple["Subject"]["Data"]
    mail["Date"] = datetime.now(UTC)
    mail["Message-ID"] = f"<{message_id}>"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    SENT.mkdir(parents=True, exist_ok=True)
    path = SENT / message_id.partition("@")[0]
    path.with_suffix(".eml").write_bytes(bytes(mail))
    path.with_suffix(".txt").write_text(text, encoding="utf-8")
    path.with_suffix(".html").write_text(html, encoding="utf-8")


def _report(message: dict[str, Any], message_id: str, configuration_set: str) -> None:
    """Put an event for each receiver at the simulator on the default bus, if a destination takes it."""
    settings = ses_v2._config_sets[configuration_set] if configuration_set else {}
    destinations = settings.get("EventDestinations") or {}
    kinds = {
        kind
        for destination in destinations.values()
        if destination.get("Enabled") and "EventBridgeDestination" in destination
        for kind in destination["MatchingEventTypes"]
    }
    for address in message["Destination"]["ToAddresses"]:
        kind, name = SIMULATED.get(address, ("", ""))
        if kind not in kinds:
            continue
        mail = {
            "timestamp": datetime.now(UTC).isoformat(),
            "source": message["FromEmailAddress"],
            "messageId": message_id,
            "destination": [address],
            "tags": {"ses:configuration-set": [configuration_set]},
        }
        detail = {"eventType": kind.capitalize(), "mail": mail}
        entry = {"Source": "aws.ses", "DetailType": name, "Detail": json.dumps(detail)}
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
