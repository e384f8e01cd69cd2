"""The template's options, and what the hooks do to a bucket, on the emulator."""

from typing import Any

import pytest

from local.stack import LocalStack
from tests.integration.deployment import EVENT, Api, ask, eventually
from tests.support import load_function


@pytest.fixture(scope="module")
def parameters() -> dict[str, str]:
    return {"RequireApiKey": "true", "RetainData": "true", "AllowedOrigin": "https://menu.example.com"}


def test_a_key_opens_the_door(stack: LocalStack, api: Api) -> None:
    assert api.post(EVENT).status == 403
    assert api.post(EVENT, **{"X-Api-Key": "wrong"}).status == 403
    (key,) = stack.client("apigateway").get_api_keys(includeValues=True)["items"]
    response = api.post(EVENT | {"event_id": "with-a-key"}, **{"X-Api-Key": key["value"]})
    assert response.status == 202
    eventually(stack, "SELECT 1 AS x FROM events WHERE event_id = 'with-a-key'", 1)
    assert len(ask(stack, "SELECT 1 AS x FROM events_raw")) == 1


def test_every_answer_names_the_allowed_origin(api: Api) -> None:
    for response in (api.post(EVENT), api.post({}), api.post(EVENT, content_type="text/html"), api.options()):
        assert response.headers["Access-Control-Allow-Origin"] == "https://menu.example.com"


def test_a_bucket_is_emptied_page_by_page_with_all_versions(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)
    storage: Any = load_function("hooks", "storage")["storage"]
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


def test_deletion_keeps_the_events_that_are_to_be_kept(stack: LocalStack) -> None:
    outputs = stack.outputs()
    s3 = stack.client("s3")
    stack.delete()
    assert s3.list_objects_v2(Bucket=outputs["DataBucketName"], Prefix="events/")["KeyCount"] == 1
    buckets = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    assert {name for name in buckets if not name.startswith("aws-sam-cli")} == {outputs["DataBucketName"]}
    assert outputs["DatabaseName"] not in {
        found["Name"] for found in stack.client("glue").get_databases()["DatabaseList"]
    }
