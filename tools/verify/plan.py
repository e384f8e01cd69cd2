"""The steps of the verification, in the order of the data flow. docs/first-deployment.md tells of them."""

from tools.verify import answers, requests, rows
from tools.verify.stack import Stack, StepError
from tools.verify.steps import Step

GOOD_STATES = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")


def deployed(stack: Stack) -> str:
    """Look at the state of the stack."""
    if stack.status not in GOOD_STATES:
        raise StepError(f"{stack.name} is in {stack.status}")
    return f"{stack.name}: {stack.status}"


API_LOG = "Set EnableAccessLogs=true, deploy, and read the log group /menulens/STACK/requests"
DELIVERY_LOG = "Read the log groups /menulens/STACK/delivery and /menulens/STACK/transform"
STORED = "Each event is a row, each column as it was sent"
KEPT = "The rejected event is kept with its reason"
ARRIVALS = {STORED, KEPT}  # the steps that have seen all that was sent

STEPS = (
    Step(
        "The stack is deployed", deployed, "Read the stack's events; docs/first-deployment.md explains errors"
    ),
    Step(
        "The tracker is served and its hash is right",
        requests.script,
        "Take TrackerUrl and TrackerIntegrity from the same deployment; deploy again to store the script",
    ),
    Step("Browsers get a preflight answer", requests.preflight, "Correct AllowedOrigin, and deploy again"),
    Step("The API takes text/plain;charset=UTF-8", requests.text_plain, API_LOG),
    Step("The API takes application/json", requests.json_body, API_LOG),
    Step("The API answers a bad event with 400", requests.bad_event, API_LOG),
    Step("The API answers another content type with 415", requests.wrong_content_type, API_LOG),
    Step("The API takes a batch", requests.batch, API_LOG),
    Step("The API takes orders with two and three decimals", requests.orders, API_LOG),
    Step("The API takes properties with capital letters", requests.properties, API_LOG),
    Step("The API takes what only the transform can reject", requests.rejected_event, API_LOG),
    Step("The API answers 1.1 MB with 413", requests.too_large, API_LOG),
    Step(STORED, rows.stored, DELIVERY_LOG),
    Step(KEPT, rows.kept_with_reason, DELIVERY_LOG),
    Step(
        "Firehose failed nothing",
        rows.not_failed,
        "Correct what the error names, deploy, and replay errors/ (docs/operations.md)",
    ),
    Step("Each view answers", answers.views, "Read the log group /menulens/STACK/hooks, and deploy again"),
    Step("Each saved query answers", answers.saved_queries, "Run the query in the Athena console"),
    Step(
        "The compaction leaves the rows the same",
        answers.compaction,
        "Read the log group /menulens/STACK/compaction",
        needs=STORED,
    ),
    Step(
        "The replay finds the rejected event",
        answers.replay,
        "Read the log group /menulens/STACK/replay",
        needs=KEPT,
    ),
    Step(
        "Alarms are quiet and somebody is told",
        answers.alarms,
        "Click the link in the mail from AWS Notifications; docs/operations.md explains each alarm",
    ),
    Step(
        "The owner's page is written and closed",
        answers.owners_page,
        "Read the log groups /menulens/STACK/report and /menulens/STACK/dashboard",
    ),
    Step(
        "The owner's letter can be written and sent",
        answers.letter,
        "Read docs/letter.md and the log group /menulens/STACK/letter",
    ),
    Step(
        "QuickSight shows the dashboard",
        answers.quicksight,
        "Open the data set in QuickSight: its refresh history has the whole error",
    ),
)
