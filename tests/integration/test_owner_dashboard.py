"""The owner's dashboard of a deployed stack: written through Athena, served to whoever has its key."""

import json
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import urllib3
from playwright.sync_api import Browser, BrowserContext, expect

from demo.simulation import simulate
from demo.traffic import send
from local.stack import TIME_ZONE, LocalStack
from tests.support.browser import needs_chromium
from tests.support.dashboard_numbers import assert_same_rows
from tests.support.dashboard_page import SHEETS, data, rows, show
from tests.support.dashboard_sql import QUESTIONS, question
from tests.support.deployment import Api, ask, eventually, resources
from tests.support.owner_dashboard import OwnerDashboard


@pytest.fixture(scope="module")
def parameters() -> dict[str, str]:
    return {"OwnerDashboard": "true"}


@pytest.fixture(scope="module")
def dashboard(stack: LocalStack) -> OwnerDashboard:
    """The dashboard of a stack with two weeks of a few visits, written."""
    requests = simulate(7, 15, datetime.now(ZoneInfo(TIME_ZONE)), visits_per_day=15)
    send(requests, stack.local_url(stack.outputs()["EventsBatchUrl"]), progress=False)
    deadline, before = time.monotonic() + 60, -1
    while time.monotonic() < deadline:
        (counts,) = ask(stack, "SELECT count(*) AS stored FROM events_raw")
        if 0 < before == int(counts["stored"]):
            break
        before = int(counts["stored"])
        time.sleep(2)
    dashboard = OwnerDashboard(stack)
    assert dashboard.write() == {"written": ["today.json", "dashboard.html"]}
    return dashboard


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def test_without_a_key_it_answers_403_and_tells_nothing(dashboard: OwnerDashboard) -> None:
    dashboard.link()
    answers = [
        dashboard.get(),
        dashboard.get("__Host-menulens=" + "9" * 10 + "." + "0" * 64),
        dashboard.get("__Host-menulens=x; other=1"),
    ]
    assert {response.status for response in answers} == {403}
    assert len({response.data for response in answers}) == 1
    text = answers[0].data.decode()
    assert "trattoria" not in text
    assert len(text) < 3000
    headers = answers[0].headers
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", ""),
        ("PUT", ""),
        ("POST", ""),
        ("OPTIONS", ""),
        ("GET", "/"),
        ("GET", "/session"),
        ("GET", "/dashboard.html"),
        ("GET", "/..%2Fdashboard.html"),
        ("GET", "?key=access.json"),
    ],
)
def test_no_other_request_gets_the_page(dashboard: OwnerDashboard, method: str, path: str) -> None:
    dashboard.link()
    url, cookie = f"{dashboard.url}{path}", "__Host-menulens=" + "9" * 4000
    response = urllib3.request(method, url, headers={"Cookie": cookie}, retries=False)
    assert 400 <= response.status < 500
    assert b"trattoria" not in response.data
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "body",
    [
        {"key": "A" * 43},
        {"key": ""},
        {"key": None},
        {"key": "\ud800" * 43},
        {"key": "A" * 100_000},
        [],
        {},
        b"not JSON",
        b"",
        b"\xff",
        b"[" * 900,
    ],
    ids=str,
)
def test_a_wrong_key_gets_no_cookie_and_no_hint(dashboard: OwnerDashboard, body: Any) -> None:
    dashboard.link()
    time.sleep(1)  # one try a second, and five at once
    response = dashboard.post(body)
    assert (response.status, response.json()) == (403, {"message": "Forbidden"})
    assert "Set-Cookie" not in response.headers


def test_the_key_is_exchanged_for_a_cookie_that_opens_the_page(dashboard: OwnerDashboard) -> None:
    time.sleep(1)
    link = dashboard.link()
    response = dashboard.post({"key": link.partition("#key=")[2]})
    assert response.status == 204
    cookie = response.headers["Set-Cookie"]
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert attributes == {"Path=/", "Max-Age=2592000", "Secure", "HttpOnly", "SameSite=Strict"}
    assert link.partition("#key=")[2] not in cookie
    page = dashboard.get(cookie.partition(";")[0])
    assert page.status == 200
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "trattoria-roma" in data(page.data.decode())["tables"]["visits"]["columns"]["source_menu"]["are"]
    again = dashboard.get(cookie.partition(";")[0], If_None_Match=page.headers["ETag"])
    assert (again.status, again.data) == (304, b"")
    assert dashboard.get(If_None_Match=page.headers["ETag"]).status == 403


def test_a_new_link_ends_the_links_and_the_sessions_of_before(dashboard: OwnerDashboard) -> None:
    time.sleep(2)
    old = dashboard.link()
    cookie = dashboard.cookie(old)
    assert dashboard.get(cookie).status == 200
    dashboard.link()
    assert dashboard.get(cookie).status == 403
    assert dashboard.post({"key": old.partition("#key=")[2]}).status == 403


def test_who_tries_keys_is_slowed_down_and_the_events_are_not(dashboard: OwnerDashboard) -> None:
    statuses = [dashboard.post({"key": "A" * 43}).status for _ in range(20)]
    assert set(statuses) == {403, 429}
    assert statuses.count(429) > 10
    api = Api(dashboard.stack)
    event = {"element_clicked": "a", "source_menu": "m", "created_at": "2026-11-22T18:10:00Z"}
    assert api.post(event).status == 202


def test_the_bucket_holds_no_key(dashboard: OwnerDashboard) -> None:
    link = dashboard.link()
    s3 = dashboard.stack.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=dashboard.bucket)["Contents"]]
    assert sorted(keys) == ["access.json", "dashboard.html", "today.json"]
    for key in keys:
        body = s3.get_object(Bucket=dashboard.bucket, Key=key)["Body"].read().decode()
        assert link.partition("#key=")[2] not in body


def test_the_running_day_is_what_athena_says(dashboard: OwnerDashboard) -> None:
    time.sleep(2)
    api = Api(dashboard.stack)
    now = datetime.now(ZoneInfo(TIME_ZONE)).replace(tzinfo=None)
    order = {
        "event_type": "order",
        "element_clicked": "soup",
        "source_menu": "today-menu",
        "session_id": "today-session",
        "created_at": now.isoformat(timespec="seconds"),
        "quantity": 2,
        "unit_price": 6.25,
        "currency": "EUR",
        "order_id": "today-order",
    }
    assert api.post(order).status == 202
    eventually(dashboard.stack, "SELECT event_id FROM events WHERE source_menu = 'today-menu'", 1)
    assert dashboard.write({"only": "today"}) == {"written": ["today.json"]}
    sql = f"""
        SELECT sum(visits) AS visits, sum(orders) AS orders, sum(revenue) AS revenue
        FROM menu_comparison WHERE day = DATE '{now.date()}' AND currency = 'EUR'
    """
    (expected,) = ask(dashboard.stack, sql)
    page = dashboard.get(dashboard.cookie(dashboard.link())).data.decode()
    (text,) = re.findall(r'id="today-data">(.*?)</script>', page)
    today = json.loads(text)
    (row,) = [row for row in today["rows"] if row["currency"] == "EUR"]
    assert row["visits"] == int(expected["visits"])
    assert row["orders"] == int(expected["orders"])
    assert row["revenue"] == float(expected["revenue"]) >= 12.5
    assert (
        datetime.fromisoformat(today["as_of"]).utcoffset()
        == now.replace(tzinfo=ZoneInfo(TIME_ZONE)).utcoffset()
    )


def test_one_view_that_fails_costs_its_tiles_alone(dashboard: OwnerDashboard) -> None:
    """The view is gone, as after a deployment that went wrong; Athena says so, and the log."""
    time.sleep(2)
    stack = dashboard.stack
    glue, database = stack.client("glue"), dashboard.outputs["DatabaseName"]
    table = glue.get_table(DatabaseName=database, Name="menu_funnel")["Table"]
    glue.delete_table(DatabaseName=database, Name="menu_funnel")
    try:
        error = dashboard.write()
        assert "not read: funnel" in error["errorMessage"]
        page = data(dashboard.get(dashboard.cookie(dashboard.link())).data.decode())
        assert page["failed"] == ["funnel"]
        assert page["tables"]["funnel"]["length"] == 0
        assert page["tables"]["visits"]["length"] > 10
    finally:
        names = ("Name", "TableType", "Parameters", "StorageDescriptor", "ViewOriginalText", "PartitionKeys")
        glue.create_table(
            DatabaseName=database, TableInput={name: table[name] for name in names if name in table}
        )
    log = stack.client("logs").filter_log_events(logGroupName="/menulens/menulens-local/report")
    assert any("menu_funnel could not be read" in event["message"] for event in log["events"])
    assert "written" in dashboard.write()


def test_no_log_holds_a_key_or_a_cookie(dashboard: OwnerDashboard) -> None:
    time.sleep(2)
    link = dashboard.link()
    cookie = dashboard.cookie(link)
    assert dashboard.get(cookie).status == 200
    secrets = [link.partition("#key=")[2], cookie.partition("=")[2]]
    logs = dashboard.stack.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]:
            assert not any(secret in event["message"] for secret in secrets)
    emulator = dashboard.stack.log.read_text(errors="replace")
    assert not any(secret in emulator for secret in secrets)


def test_api_gateway_may_call_the_function_for_these_paths_alone(dashboard: OwnerDashboard) -> None:
    """Without the function's policy API Gateway answers 500: "Invalid permissions on Lambda function".

    https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-permissions
    """
    functions = dashboard.stack.client("lambda")
    name = resources(dashboard.stack)["DashboardFunction"]
    (statement,) = json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"]
    functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    try:
        assert dashboard.get().status == 500
    finally:
        functions.add_permission(
            FunctionName=name,
            StatementId=statement["Sid"],
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
        )
    assert dashboard.get().status == 403


def test_what_is_not_written_yet_is_no_error_because_the_role_may_list(dashboard: OwnerDashboard) -> None:
    """Without s3:ListBucket, S3 answers 403 for an object that is not there.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Permissions)
    """
    iam, role = dashboard.stack.client("iam"), resources(dashboard.stack)["DashboardRole"]
    dashboard.stack.client("s3").delete_object(Bucket=dashboard.bucket, Key="access.json")
    assert dashboard.get().status == 403
    put = {"RoleName": role, "PolicyName": "serve"}
    document = iam.get_role_policy(**put)["PolicyDocument"]
    iam.put_role_policy(**put, PolicyDocument=json.dumps(document).replace("s3:ListBucket", "s3:PutObject"))
    try:
        assert dashboard.get().status == 502
    finally:
        iam.put_role_policy(**put, PolicyDocument=json.dumps(document))


@needs_chromium
def test_a_browser_opens_the_link_and_sees_what_athena_says(
    dashboard: OwnerDashboard, context: BrowserContext
) -> None:
    time.sleep(2)
    troubles: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    link = dashboard.link()
    page.goto(link)
    page.locator(".tile").first.wait_for()
    assert troubles == []
    key = link.partition("#key=")[2]
    assert not any(key in url.partition("#")[0] for url in asked)
    assert {url.partition("#")[0] for url in asked} == {dashboard.url, f"{dashboard.url}/session"}
    assert key not in page.url
    assert page.evaluate("document.cookie") == ""
    (cookie,) = context.cookies()
    assert (cookie["name"], cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (
        "__Host-menulens", True, True, "Strict",
    )  # fmt: skip
    for sheet in SHEETS:
        show(page, sheet)
    assert troubles == []
    yesterday = datetime.now(ZoneInfo(TIME_ZONE)).date() - timedelta(days=1)
    for visual in QUESTIONS:
        assert_same_rows(rows(page, visual), ask(dashboard.stack, question(visual, yesterday)), visual)


@needs_chromium
def test_a_browser_without_the_key_is_told_what_to_do(
    dashboard: OwnerDashboard, context: BrowserContext
) -> None:
    time.sleep(2)
    dashboard.link()
    page = context.new_page()
    response = page.goto(dashboard.url)
    assert response
    expect(page.get_by_role("status")).to_contain_text("Open the link that you were given")
    assert response.status == 403
    page.goto(f"{dashboard.url}#key=wrong")
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("Open the link that you were given")
    assert "wrong" not in page.url
    assert context.cookies() == []


@needs_chromium
def test_a_link_from_another_site_opens_the_session_that_there_is(
    dashboard: OwnerDashboard, context: BrowserContext
) -> None:
    """A browser sends no SameSite=Strict cookie with a link from another site, as a webmail is.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#samesitesamesite-value
    """
    time.sleep(2)
    page = context.new_page()
    page.goto(dashboard.link())
    page.locator(".tile").first.wait_for()
    page.goto("data:text/html,<a href='" + dashboard.url + "'>dashboard</a>")
    page.get_by_role("link").click()
    page.locator(".tile").first.wait_for()
