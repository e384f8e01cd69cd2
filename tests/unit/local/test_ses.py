"""The local Amazon SES keeps what is sent."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.services import ses_v2

from local import ses

OWNER = "owner@example.com"
LETTER = {
    "FromEmailAddress": OWNER,
    "Destination": {"ToAddresses": [OWNER]},
    "ConfigurationSetName": "letters",
    "Content": {
        "Simple": {"Subject": {"Data": "A week"}, "Body": {"Text": {"Data": "1"}, "Html": {"Data": "1"}}}
    },
}


def request(method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    return asyncio.run(ses.handle_request(method, path, {}, json.dumps(body).encode(), {}))


@pytest.fixture
def sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of what is sent; the owner's address is verified."""
    monkeypatch.setattr(ses, "SENT", tmp_path)
    request("POST", "/v2/email/identities", {"EmailIdentity": OWNER})
    ses_v2._identities[OWNER]["VerifiedForSendingStatus"] = True
    yield tmp_path
    request("DELETE", f"/v2/email/identities/{OWNER}", {})


def test_a_letter_is_sent_by_a_configuration_set_without_a_destination(sent: Path) -> None:
    """As that of a stack without AlarmEmail: EventDestinations of a set are optional.

    https://docs.aws.amazon.com/ses/latest/dg/creating-configuration-sets.html
    """
    request("POST", "/v2/email/configuration-sets", {"ConfigurationSetName": "letters"})
    status, _, body = request("POST", ses.SEND_EMAIL, LETTER)
    assert status == 200, body
    assert sorted(path.suffix for path in sent.iterdir()) == [".eml", ".html", ".txt"]
    request("DELETE", "/v2/email/configuration-sets/letters", {})
