"""The steps after the rows: views, saved queries, compaction, replay, alarms, page, letter and QuickSight."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from botocore.exceptions import ClientError

from tools.verify.sent import events, months
from tools.verify.stack import Stack, StepError, client, poll
from tools.verify.steps import NotAskedForError

ROOT = Path(__file__).parent.parent.parent
QUICKSIGHT_SECONDS = 300
RUNNING = ("INITIALIZED", "QUEUED", "RUNNING")


def views(stack: Stack) -> str:
    """Query each view of the database for one row."""
    pages = client("glue").get_paginator("get_tables").paginate(DatabaseName=stack.outputs["DatabaseName"])
    names = [
        table["Name"]
        for page in pages
        for table in page["TableList"]
        if table.get("TableType") == "VIRTUAL_VIEW"
    ]
    expected = {path.stem for path in (ROOT / "athena" / "views").glob("*.sql")}
    missing = sorted(expected - set(names))
    if missing:
        raise StepError(f"the catalog lacks {', '.join(missing)}")
    for name in names:
        _ask(stack, name, f"SELECT * FROM {name} LIMIT 1")  # noqa: S608  # a name of the catalog
    return f"{len(names)} views answer"


def saved_queries(stack: Stack) -> str:
    """Run each saved query of the stack for the day of the run; those that people saved are left out."""
    athena, work_group = client("athena"), stack.outputs["WorkGroupName"]
    pages = athena.get_paginator("list_named_queries").paginate(WorkGroup=work_group)
    ids = [query_id for page in pages for query_id in page["NamedQueryIds"]]
    queries = [athena.get_named_query(NamedQueryId=query_id)["NamedQuery"] for query_id in ids]
    statements = {
        query["Name"]: query["QueryString"]
        for query in queries
        if query.get("Description", "").endswith(f"(athena/queries/{query['Name']}.sql)")
    }
    expected = {path.stem for path in (ROOT / "athena" / "queries").glob("*.sql")}
    if missing := sorted(expected - statements.keys()):
        raise StepError(f"the workgroup {work_group} lacks {', '.join(missing)}")
    day = f"'{stack.started:%Y-%m-%d}'"
    for name, statement in statements.items():
        _ask(stack, name, statement, [day, day])  # the first and the last day
    return f"{len(statements)} saved queries answer"


def compaction(stack: Stack) -> str:
    """Call the compaction, and compare what is stored before and after it."""
    before = _stored(stack)
    answer = stack.invoke("CompactionFunction", {})
    after = _stored(stack)
    if before != after:
        raise StepError(f"rows, sum of event_key and rejected events before {before}, after {after}")
    return f"{answer['files_before']} files become {answer['files_after']}, rows the same"


def replay(stack: Stack) -> str:
    """Call the replay for a dry run of the rejected events."""
    day = stack.started.date()
    call = {
        "prefix": "rejected/",
        "from": str(day - timedelta(days=1)),
        "to": str(day + timedelta(days=2)),
        "dry_run": True,
    }
    answer = stack.invoke("ReplayFunction", call)
    if not answer["done"] or answer["events"] < 1:
        raise StepError(f"expected at least the event that this run had rejected, got {answer}")
    return f"would replay {answer['events']} events"


def alarms(stack: Stack) -> str:
    """Look at the state of each alarm, and whether the subscription is confirmed."""
    if not stack.parameters.get("AlarmEmail"):
        raise NotAskedForError("AlarmEmail is empty")
    names = [
        stack.resources[logical_id]
        for logical_id, kind in stack.types.items()
        if kind == "AWS::CloudWatch::Alarm"
    ]
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNames=names)
    alarms_by_name = {alarm["AlarmName"]: alarm for page in pages for alarm in page["MetricAlarms"]}
    if missing := sorted(set(names) - alarms_by_name.keys()):
        raise StepError(f"CloudWatch lacks {', '.join(missing)}")
    if raised := [name for name, alarm in alarms_by_name.items() if alarm["StateValue"] == "ALARM"]:
        raise StepError(
            "\n".join(f"{name} is in ALARM: {alarms_by_name[name].get('StateReason', '')}" for name in raised)
        )
    topic = stack.resources["Alerts"]
    subscriptions = client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    if not any(":sns:" in entry["SubscriptionArn"] for entry in subscriptions):
        states = [entry["SubscriptionArn"] for entry in subscriptions]
        raise StepError(f"{stack.parameters['AlarmEmail']} is not subscribed yet: {states}")
    return f"{len(names)} alarms, none raised; the subscription is confirmed"


def owners_page(stack: Stack) -> str:
    """Ask for the owner's page without its key and with a wrong one, and look whether it is written."""
    url = stack.outputs.get("OwnerDashboardUrl")
    if url is None:
        raise NotAskedForError("OwnerDashboard is false")
    wrong = json.dumps({"key": stack.run_id}).encode()
    headers = {"Content-Type": "application/json"}
    for answer in (stack.request("GET", url), stack.request("POST", f"{url}/session", wrong, headers)):
        if answer.status != 403:
            raise StepError(f"without the key, 403 was expected: {answer}")
    bucket = stack.outputs["ReportBucketName"]
    try:
        page = client("s3").head_object(Bucket=bucket, Key="dashboard.html")
    except ClientError as error:
        raise StepError(f"{error}: the page is written after a deployment and each night") from error
    return f"closed without its key; written at {page['LastModified']:%Y-%m-%d %H:%M} UTC"


def letter(stack: Stack) -> str:
    """Have the letter written for a dry run, and look whether SES may send from the address of the owner."""
    address = stack.parameters.get("OwnerEmail")
    if not address:
        raise NotAskedForError("OwnerEmail is empty")
    if "LetterFunction" not in stack.resources:
        raise StepError("the region lacks Amazon SES, so there is no letter")
    written = stack.invoke("LetterFunction", {"dry_run": True})
    identity = client("sesv2").get_email_identity(EmailIdentity=address)
    if not identity["VerifiedForSendingStatus"]:
        raise StepError(f"{address} is not verified: its owner follows the link in the e-mail from AWS")
    return f"{written['subject']}; the address is verified"


def quicksight(stack: Stack) -> str:
    """Wait until each data set has ingested its rows, and look for the published dashboard."""
    if not stack.parameters.get("QuickSightPrincipalArn"):
        raise NotAskedForError("QuickSightPrincipalArn is empty")
    account = stack.parameters["QuickSightPrincipalArn"].split(":")[4]
    api = client("quicksight")
    prefix = f"{stack.name}_"
    pages = api.get_paginator("list_data_sets").paginate(AwsAccountId=account)
    ids = [
        entry["DataSetId"]
        for page in pages
        for entry in page["DataSetSummaries"]
        if entry["DataSetId"].startswith(prefix)
    ]
    if not ids:
        raise StepError(f"QuickSight has no data set whose id begins with {prefix}")
    for data_set in ids:
        poll(lambda data_set=data_set: not _ingests(account, data_set), QUICKSIGHT_SECONDS)  # type: ignore[misc]
        latest = _latest_ingestion(account, data_set)
        if latest.get("IngestionStatus") != "COMPLETED":
            raise StepError(f"{data_set}: {latest.get('IngestionStatus')} {latest.get('ErrorInfo', '')}")
    dashboard_id = stack.outputs["DashboardUrl"].rpartition("/")[2]
    version = api.describe_dashboard(AwsAccountId=account, DashboardId=dashboard_id)["Dashboard"]["Version"]
    if version["Status"] not in ("CREATION_SUCCESSFUL", "UPDATE_SUCCESSFUL"):
        raise StepError(f"{dashboard_id}: {version['Status']} {version.get('Errors', '')}")
    return f"{len(ids)} data sets ingested, dashboard published"


def _ask(stack: Stack, name: str, sql: str, parameters: Sequence[str] = ()) -> None:
    try:
        stack.ask(sql, parameters)
    except StepError as error:
        raise StepError(f"{name}: {error}") from error


def _ingests(account: str, data_set: str) -> bool:
    return _latest_ingestion(account, data_set).get("IngestionStatus", "QUEUED") in RUNNING


def _latest_ingestion(account: str, data_set: str) -> dict[str, str]:
    listed = client("quicksight").list_ingestions(AwsAccountId=account, DataSetId=data_set)["Ingestions"]
    latest: dict[str, str] = max(listed, key=lambda ingestion: ingestion["CreatedTime"], default={})
    return latest


def _stored(stack: Stack) -> dict[str, str]:
    """Return what the run's months hold that was received before the run, and what the run itself sent."""
    first, last = months(stack)
    until = f"timestamp '{stack.started:%Y-%m-%d %H:%M:%S}'"
    month = f"ingest_month BETWEEN '{first}' AND '{last}'"
    (rows,) = stack.ask(
        "SELECT count(*) AS rows, sum(CAST(event_key AS decimal(38,0))) AS keys, "  # noqa: S608
        f"count_if(source_menu = '{stack.run_id}') AS sent "
        f"FROM events_raw WHERE {month} AND (received_at < {until} OR source_menu = '{stack.run_id}')"
    )
    (rejections,) = stack.ask(
        f"SELECT count(*) AS rejected FROM rejected_events WHERE {month} "  # noqa: S608
        f"AND (CAST(received_at AS timestamp) < {until} OR event_id LIKE '{stack.run_id}%')"
    )
    if int(rows["sent"]) < len(events(stack)):
        raise StepError(f"only {rows['sent']} rows of this run are left: {rows}")
    return rows | rejections
