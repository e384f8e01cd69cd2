"""Saved queries: the API's behaviour on the emulator, and the custom resource that keeps them in step."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import load_function
from tests.support.local_emulator import ACCOUNT, REGION, Emulator, role, running, until

GROUP = "menus"
WORK_GROUP = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/{GROUP}"
ONE = "-- How many\n-- Read it.\nSELECT count(*) AS n FROM events WHERE day = CAST(? AS date)\n"
TWO = "-- How much\nSELECT sum(revenue) AS revenue FROM events WHERE day = CAST(? AS date)\n"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(tmp_path_factory.mktemp("emulator")) as emulator:
        emulator.client("s3").create_bucket(
            Bucket="results", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        settings = {"ResultConfiguration": {"OutputLocation": "s3://results/"}}
        for group in (GROUP, "others"):
            emulator.client("athena").create_work_group(Name=group, Configuration=settings)
        yield emulator


@pytest.fixture
def athena(emulator: Emulator) -> Any:
    return emulator.client("athena")


@pytest.fixture
def custom_resources(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The custom resource's module, with clients of the emulator."""
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{emulator.port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)
    return load_function("custom_resources", "named_queries")["named_queries"]


def saved(athena: Any, group: str = GROUP) -> dict[str, dict[str, str]]:
    """Return the saved queries of a workgroup by name."""
    pages = athena.get_paginator("list_named_queries").paginate(WorkGroup=group)
    ids = [query_id for page in pages for query_id in page["NamedQueryIds"]]
    queries = [athena.get_named_query(NamedQueryId=query_id)["NamedQuery"] for query_id in ids]
    return {query["Name"]: query for query in queries}


def test_queries_are_created_updated_and_removed(custom_resources: Any, athena: Any) -> None:
    queries = custom_resources.NamedQueries("shop", GROUP)
    queries.apply({"how_many": ONE, "how_much": TWO})
    first = saved(athena)
    assert first["how_many"] == {
        "Name": "how_many",
        "Description": "How many? (athena/queries/how_many.sql)",
        "Database": "shop",
        "QueryString": ONE,
        "NamedQueryId": first["how_many"]["NamedQueryId"],
        "WorkGroup": GROUP,
    }
    queries.apply({"how_many": ONE, "how_much": TWO})
    assert saved(athena) == first
    queries.apply({"how_many": TWO})
    second = saved(athena)
    assert second.keys() == {"how_many"}
    assert second["how_many"]["QueryString"] == TWO
    assert second["how_many"]["Description"].startswith("How much? ")
    assert second["how_many"]["NamedQueryId"] == first["how_many"]["NamedQueryId"]
    queries.remove()
    assert saved(athena) == {}


def test_what_people_save_is_left_alone(custom_resources: Any, athena: Any) -> None:
    mine = {"Name": "how_many", "Database": "shop", "QueryString": "SELECT 1", "WorkGroup": GROUP}
    elsewhere = mine | {"WorkGroup": "others", "Description": "x (athena/queries/how_many.sql)"}
    ids = [athena.create_named_query(**query)["NamedQueryId"] for query in (mine, elsewhere)]
    queries = custom_resources.NamedQueries("shop", GROUP)
    queries.apply({"how_many": ONE})
    queries.remove()
    for query_id, query in zip(ids, (mine, elsewhere), strict=True):
        stored = athena.get_named_query(NamedQueryId=query_id)["NamedQuery"]
        assert {name: stored[name] for name in query} == query
        athena.delete_named_query(NamedQueryId=query_id)


def test_more_queries_than_a_page_holds(custom_resources: Any, athena: Any) -> None:
    queries = custom_resources.NamedQueries("shop", GROUP)
    many = {f"query_{number}": ONE for number in range(60)}
    queries.apply(many)
    assert saved(athena).keys() == many.keys()
    queries.apply(dict.fromkeys(many, TWO))
    assert {query["QueryString"] for query in saved(athena).values()} == {TWO}
    queries.remove()
    assert saved(athena) == {}


def test_a_workgroup_that_is_gone_has_no_queries_to_remove(custom_resources: Any) -> None:
    custom_resources.NamedQueries("shop", "gone").remove()
    with pytest.raises(ClientError, match="not found"):
        custom_resources.NamedQueries("shop", "gone").apply({"how_many": ONE})


def test_a_description_fits_whatever_the_question(custom_resources: Any, athena: Any) -> None:
    custom_resources.NamedQueries("shop", GROUP).apply({"long": f"-- {'very ' * 400}long\nSELECT 1"})
    query = saved(athena)["long"]
    assert len(query["Description"]) == 1024
    custom_resources.NamedQueries("shop", GROUP).remove()
    assert saved(athena) == {}


def test_the_api_refuses_what_athena_refuses(athena: Any) -> None:
    query = {"Name": "q", "Database": "shop", "QueryString": "SELECT 1", "WorkGroup": GROUP}
    for change, message in (
        ({"WorkGroup": "gone"}, "WorkGroup gone is not found"),
        ({"Name": "q" * 129}, "less than or equal to 128"),
        ({"Description": "d" * 1025}, "less than or equal to 1024"),
        ({"QueryString": "q" * 262_145}, "less than or equal to 262144"),
    ):
        with pytest.raises(ClientError, match=message):
            athena.create_named_query(**(query | change))
    with pytest.raises(ClientError, match="not found"):
        athena.update_named_query(NamedQueryId="gone", Name="q", QueryString="SELECT 1")
    token = "t" * 32
    ids = {athena.create_named_query(**query, ClientRequestToken=token)["NamedQueryId"] for _ in range(2)}
    assert len(ids) == 1
    athena.delete_named_query(NamedQueryId=ids.pop())


def test_permissions_are_those_on_the_workgroup(emulator: Emulator, athena: Any) -> None:
    actions = ("CreateNamedQuery", "UpdateNamedQuery", "BatchGetNamedQuery", "DeleteNamedQuery")
    allowed = [(f"athena:{action}", WORK_GROUP) for action in (*actions, "ListNamedQueries")]
    trust = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    emulator.deploy("clerk", {"Clerk": role("lambda", *allowed, **trust)})
    arn = emulator.client("iam").list_roles()["Roles"][-1]["Arn"]
    key = emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="s")["Credentials"]
    clerk = emulator.client("athena", key)
    query = {"Name": "q", "Database": "shop", "QueryString": "SELECT 1"}
    query_id = clerk.create_named_query(**query, WorkGroup=GROUP)["NamedQueryId"]
    clerk.update_named_query(NamedQueryId=query_id, Name="r", QueryString="SELECT 2")
    assert clerk.batch_get_named_query(NamedQueryIds=[query_id])["NamedQueries"][0]["Name"] == "r"
    clerk.delete_named_query(NamedQueryId=query_id)
    with pytest.raises(ClientError, match="AccessDenied"):
        clerk.create_named_query(**query, WorkGroup="others")
    theirs = athena.create_named_query(**query, WorkGroup="others")["NamedQueryId"]
    calls: list[Callable[[], object]] = [
        lambda: clerk.delete_named_query(NamedQueryId=theirs),
        lambda: clerk.update_named_query(NamedQueryId=theirs, Name="r", QueryString="SELECT 2"),
    ]
    for call in calls:
        with pytest.raises(ClientError, match="AccessDenied"):
            call()


def test_a_query_is_checked_without_reading(custom_resources: Any, athena: Any, tmp_path: Path) -> None:
    def run(sql: str) -> dict[str, Any]:
        query_id = athena.start_query_execution(QueryString=sql, WorkGroup=GROUP)["QueryExecutionId"]

        def ended() -> dict[str, Any] | None:
            query = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            return query if query["Status"]["State"] not in ("QUEUED", "RUNNING") else None

        return until(ended)

    good = "-- Is it\nSELECT n FROM (VALUES (DATE '2026-01-01', 1)) AS t (day, n) WHERE day = CAST(? AS date)"
    query = run(custom_resources.check(good))
    assert query["Status"]["State"] == "SUCCEEDED", query["Status"]
    assert query["StatementType"] == "UTILITY"
    assert query["Statistics"]["DataScannedInBytes"] == 0
    result_set = athena.get_query_results(QueryExecutionId=query["QueryExecutionId"])["ResultSet"]
    assert [row["Data"] for row in result_set["Rows"]] == [[{"VarCharValue": "true"}]]
    bad = run(custom_resources.check(good.replace("SELECT n", "SELECT m")))
    assert "Column 'm' cannot be resolved" in bad["Status"]["StateChangeReason"]
    with pytest.raises(ClientError, match="mismatched input"):
        run(custom_resources.check("SELECT FROM WHERE ?"))
    with pytest.raises(ClientError, match="mismatched input"):
        run("EXPLAIN SELECT 1")
