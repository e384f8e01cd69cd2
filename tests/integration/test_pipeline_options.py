"""The template's options, and what the custom resources do to a bucket, on the emulator."""

from typing import Any

import pytest

from local.stack import LocalStack
from tests.support import load_function
from tests.support.cases import cases, check
from tests.support.deployment import EVENT, Api, ask, eventually

ORIGINS = ("https://www.example.com", "https://menu.example.com")
KEY = "arn:aws:kms:eu-central-1:000000000000:key/11111111-2222-3333-4444-555555555555"  # nobody looks it up


@pytest.fixture(scope="module")
def parameters() -> dict[str, str]:
    return {
        "RequireApiKey": "true",
        "TrustedProxies": "203.0.113.0/24,2001:db8::/32",
        "RetainData": "true",
        "AllowedOrigin": ",".join(ORIGINS),
        "KmsKeyArn": KEY,
        "EnableWaf": "true",
        "EnableAccessLogs": "true",
        "EnableTracing": "true",
        "AlarmEmail": "owner@example.com",
        "OpeningHour": "10",
        "ClosingHour": "02",
    }


def test_a_key_opens_the_api(stack: LocalStack, api: Api) -> None:
    assert api.post(EVENT).status == 403
    assert api.post(EVENT, **{"X-Api-Key": "wrong"}).status == 403
    (key,) = stack.client("apigateway").get_api_keys(includeValues=True)["items"]
    response = api.post(EVENT | {"event_id": "with-a-key"}, **{"X-Api-Key": key["value"]})
    assert response.status == 202
    eventually(stack, "SELECT 1 AS x FROM events WHERE event_id = 'with-a-key'", 1)
    assert len(ask(stack, "SELECT 1 AS x FROM events_raw")) == 1


def test_an_order_of_a_till_with_the_key_counts_and_makes_no_visit(stack: LocalStack, api: Api) -> None:
    (key,) = stack.client("apigateway").get_api_keys(includeValues=True)["items"]
    headers = {"X-Api-Key": key["value"], "User-Agent": "python-requests/2.32"}
    case = cases("API key")["till"]
    for event in case.sent:
        assert api.post(event, **headers).status == 202
    check(stack, case)


def test_guests_behind_a_trusted_proxy_are_told_apart(stack: LocalStack, api: Api) -> None:
    """The local API takes the last address of the header for the connection's, which API Gateway adds there.

    "The immediate caller" is `$context.identity.sourceIp` on AWS:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
    """
    (key,) = stack.client("apigateway").get_api_keys(includeValues=True)["items"]
    for number, hops in enumerate(
        (
            "198.51.100.1, 203.0.113.9",
            "198.51.100.2, 203.0.113.9",
            "192.0.2.66, 198.51.100.2, 2001:db8::1, 203.0.113.9",
            "198.51.100.3, 192.0.2.1",
            "198.51.100.4, 192.0.2.1",
        )
    ):
        event = EVENT | {"source_menu": "proxy", "page": str(number)}
        headers = {"X-Api-Key": key["value"], "X-Forwarded-For": hops}
        assert api.post(event, **headers).status == 202
    rows = eventually(
        stack, "SELECT page, visitor_id FROM events WHERE source_menu = 'proxy' ORDER BY page", 5
    )
    first, second, same, untrusted, also_untrusted = [row["visitor_id"] for row in rows]
    assert second == same
    assert untrusted == also_untrusted
    assert len({first, second, untrusted}) == 3


def test_every_answer_names_an_origin_that_may_read_it(stack: LocalStack, api: Api) -> None:
    (key,) = stack.client("apigateway").get_api_keys(includeValues=True)["items"]
    for origin, allowed_origin in (
        (ORIGINS[0], ORIGINS[0]),
        (ORIGINS[1], ORIGINS[1]),
        ("https://evil.example", ORIGINS[0]),
    ):
        accepted = api.post(
            EVENT | {"event_id": "from-a-page"}, **{"X-Api-Key": key["value"], "Origin": origin}
        )
        for response, status in ((accepted, 202), (api.options(origin), 204)):
            assert response.status == status
            assert response.headers["Access-Control-Allow-Origin"] == allowed_origin
            assert response.headers["Vary"] == "Origin"
    for response in (api.post(EVENT), api.post({}), api.post(EVENT, content_type="text/html")):
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_options_reach_the_services(stack: LocalStack) -> None:
    """What the emulator keeps of them; that AWS acts on it is not shown here."""
    groups = stack.client("logs").describe_log_groups(logGroupNamePrefix="/menulens/")["logGroups"]
    assert {(group.get("kmsKeyId"), group.get("retentionInDays")) for group in groups} == {(KEY, 30)}
    (plan,) = stack.client("apigateway").get_usage_plans()["items"]
    assert plan["quota"]["limit"] == 1_000_000
    waf = stack.client("wafv2")
    (acl,) = waf.list_web_acls(Scope="REGIONAL")["WebACLs"]
    (stage,) = waf.list_resources_for_web_acl(WebACLArn=acl["ARN"])["ResourceArns"]
    assert stage.endswith("/stages/v1")
    (topic,) = stack.client("sns").list_topics()["Topics"]
    (subscription,) = stack.client("sns").list_subscriptions()["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "owner@example.com")
    alarms = stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {action for alarm in alarms for action in alarm["AlarmActions"]} == {topic["TopicArn"]}
    assert any("NoEvents" in alarm["AlarmName"] for alarm in alarms)
    (budget,) = stack.client("budgets").describe_budgets(AccountId="000000000000")["Budgets"]
    assert float(budget["BudgetLimit"]["Amount"]) == 20


def test_a_bucket_is_emptied_page_by_page_with_all_versions(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    storage: Any = load_function("custom_resources", "storage")["storage"]
    s3 = stack.client("s3")
    s3.create_bucket(Bucket="full", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket="full", VersioningConfiguration={"Status": "Enabled"})
    for n in range(1100):
        s3.put_object(Bucket="full", Key=f"folder/{n % 550} ü", Body=b"x")
    s3.delete_object(Bucket="full", Key="folder/0 ü")
    with pytest.raises(TimeoutError, match="try again"):
        storage.empty("full", deadline=0)
    versions = s3.list_object_versions(Bucket="full")
    assert (
        len(versions["Versions"] + versions.get("DeleteMarkers", [])) == 101
    )  # what came after the first page
    storage.empty("full", deadline=float("inf"))
    left = s3.list_object_versions(Bucket="full")
    assert "Versions" not in left
    assert "DeleteMarkers" not in left
    s3.delete_bucket(Bucket="full")
    storage.empty("full", deadline=float("inf"))  # gone already: fine


def test_a_bucket_is_removed_with_what_comes_meanwhile(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    storage: Any = load_function("custom_resources", "storage")["storage"]
    s3, empty = stack.client("s3"), storage.empty
    s3.create_bucket(Bucket="late", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    late = iter(("one", "two"))

    def empty_before_another_comes(bucket: str, deadline: float) -> None:
        empty(bucket, deadline)
        for key in late:
            s3.put_object(Bucket=bucket, Key=key, Body=b"x")
            break

    monkeypatch.setattr(storage, "empty", empty_before_another_comes)
    storage.remove("late", deadline=float("inf"))
    assert "late" not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    monkeypatch.undo()
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    storage.remove("late", deadline=float("inf"))  # gone already: fine


def test_deletion_keeps_the_events_that_are_to_be_kept(stack: LocalStack) -> None:
    outputs = stack.outputs()
    s3 = stack.client("s3")
    stack.delete()
    assert s3.list_objects_v2(Bucket=outputs["DataBucketName"], Prefix="events/")["KeyCount"] >= 1
    buckets = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    assert {name for name in buckets if not name.startswith("aws-sam-cli")} == {outputs["DataBucketName"]}
    assert outputs["DatabaseName"] not in {
        database["Name"] for database in stack.client("glue").get_databases()["DatabaseList"]
    }
    left = {
        "alarms": stack.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "dashboards": stack.client("cloudwatch").list_dashboards()["DashboardEntries"],
        "topics": stack.client("sns").list_topics()["Topics"],
        "firewalls": stack.client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"],
        "budgets": stack.client("budgets").describe_budgets(AccountId="000000000000").get("Budgets", []),
        "keys": stack.client("apigateway").get_api_keys()["items"],
        "usage plans": stack.client("apigateway").get_usage_plans()["items"],
        "log groups": stack.client("logs").describe_log_groups()["logGroups"],
        "roles": [role["RoleName"] for role in stack.client("iam").list_roles()["Roles"]],
        "schedules": stack.client("scheduler").list_schedules()["Schedules"],
    }
    assert {kind: remaining for kind, remaining in left.items() if remaining} == {}
