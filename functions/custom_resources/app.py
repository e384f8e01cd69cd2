"""Entry point of the stack's custom resources: does what CloudFormation asks, and always answers it."""

import json
import logging
import time
import urllib.request
from typing import Any

logger = logging.getLogger()
logger.setLevel(logging.INFO)

ANSWER_ATTEMPTS = 5
REASON_LENGTH = 2000  # CloudFormation takes an answer of at most 4,096 bytes
SECONDS_TO_ANSWER = 45  # five attempts of five seconds, and the pauses between them


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Serve one CloudFormation custom resource request and return the answer that was sent.

    Whatever goes wrong, an import included, becomes the answer FAILED with the error's text. Raises nothing:
    an answer that cannot be delivered is logged, and CloudFormation's ServiceTimeout ends the wait for it.
    """
    request = f"{event['RequestType']} {event['LogicalResourceId']}"
    logger.info(request)
    answer = {
        "Status": "SUCCESS",
        "Reason": f"{request}: done",
        # The same for the life of the resource: another id would make CloudFormation delete the old one.
        # Only a creation that was cut off is deleted under an id of CloudFormation's own.
        "PhysicalResourceId": event.get("PhysicalResourceId", event["LogicalResourceId"]),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    try:
        answer["Data"] = _serve(event, context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_ANSWER)
    except Exception as error:
        logger.exception("%s failed", request)
        answer |= {"Status": "FAILED", "Reason": str(error)[:REASON_LENGTH] or type(error).__name__}
    _send(event["ResponseURL"], answer)
    return answer


def _serve(event: dict[str, Any], seconds: float) -> dict[str, str]:
    """Do what is asked and return the attributes of the resource, for the template's `!GetAtt`."""
    # Imported here, so that a broken import is answered too.
    properties, request_type = event["ResourceProperties"], event["RequestType"]
    if event["ResourceType"] == "Custom::TrackerScript":
        from tracker_script import TrackerScript

        return TrackerScript(properties, seconds).serve(request_type)
    if event["ResourceType"] == "Custom::DataRemoval":
        from removal import DataRemoval

        DataRemoval(properties, seconds).serve(request_type)
        return {}
    if event["ResourceType"] == "Custom::QuickSightDefinitions":
        from quicksight_definitions import QuickSightDefinitions

        old_principal = event.get("OldResourceProperties", {}).get("Principal", "")
        return QuickSightDefinitions(properties, seconds, old_principal).serve(request_type)
    from athena_definitions import AthenaDefinitions

    AthenaDefinitions(properties, seconds).serve(request_type)
    return {}


def _send(url: str, answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    for attempt in range(ANSWER_ATTEMPTS):
        # A presigned URL takes no content type but the empty one that it was signed with.
        request = urllib.request.Request(url, body, {"Content-Type": ""}, method="PUT")  # noqa: S310  # by AWS
        try:
            urllib.request.urlopen(request, timeout=5).close()  # noqa: S310
        except OSError as error:
            logger.warning("answer not delivered: %s", error)
            time.sleep(0.25 * 2**attempt)
        else:
            return
    logger.error("gave up delivering the answer: %s", answer)
