"""Faults to plant in a deployed stack, each taken away again."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from local.stack import LocalStack
from tests.support.deployment import EVENT, eventually, resources

EMAIL = "owner@example.com"
ORIGINS = "https://www.example.com,https://menu.example.com"


@contextmanager
def wrong_script(stack: LocalStack) -> Iterator[None]:
    """The bucket holds another script under the name that the output names."""
    s3, bucket = stack.client("s3"), resources(stack)["TrackerBucket"]
    key = stack.outputs()["TrackerUrl"].rpartition("/")[2]
    stored = s3.get_object(Bucket=bucket, Key=key)
    body = stored["Body"].read()
    s3.put_object(Bucket=bucket, Key=key, Body=body + b";", ContentType=stored["ContentType"])
    yield
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=body,
        ContentType=stored["ContentType"],
        CacheControl=stored["CacheControl"],
    )


@contextmanager
def unverified_address(stack: LocalStack) -> Iterator[None]:
    """The owner has not followed the link."""
    ses = stack.client("ses")
    ses.delete_identity(Identity=EMAIL)
    yield
    ses.verify_email_identity(EmailAddress=EMAIL)


@contextmanager
def no_view(stack: LocalStack) -> Iterator[None]:
    """Somebody drops a view."""
    glue, database = stack.client("glue"), stack.outputs()["DatabaseName"]
    table = glue.get_table(DatabaseName=database, Name="orders")["Table"]
    glue.delete_table(DatabaseName=database, Name="orders")
    yield
    members = ("Name", "TableType", "Parameters", "ViewOriginalText", "ViewExpandedText", "StorageDescriptor")
    entry = {name: table[name] for name in members if name in table}
    glue.create_table(DatabaseName=database, TableInput=entry)


@contextmanager
def without_right(stack: LocalStack, role: str, action: str) -> Iterator[None]:
    """A role lacks an action."""
    iam, name = stack.client("iam"), resources(stack)[role]
    (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
    changed = json.loads(json.dumps(document).replace(action, "sts:GetCallerIdentity"))
    assert changed != document
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(changed))
    yield
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))


@contextmanager
def decimal_column(stack: LocalStack) -> Iterator[None]:
    """The table has a decimal where Firehose can write none."""
    glue, database = stack.client("glue"), stack.outputs()["DatabaseName"]
    table = glue.get_table(DatabaseName=database, Name="events_raw")["Table"]
    members = ("Name", "TableType", "Parameters", "StorageDescriptor", "PartitionKeys")
    entry = {name: table[name] for name in members}
    text = json.dumps(entry)
    changed = re.sub(r'("Name": "unit_price", "Type": ")double', r"\1decimal(12,3)", text)
    assert changed != text
    glue.update_table(DatabaseName=database, TableInput=json.loads(changed))
    yield
    glue.update_table(DatabaseName=database, TableInput=entry)


@contextmanager
def broken_transform(stack: LocalStack) -> Iterator[None]:
    """The transform ends in an error for every batch."""
    functions, name = stack.client("lambda"), resources(stack)["TransformFunction"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    broken_environment = {"Variables": variables | {"TIME_ZONE": "Nowhere/Nothing"}}
    functions.update_function_configuration(FunctionName=name, Environment=broken_environment)
    yield
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    # Events are delivered in order: once this one is stored, all that was sent before it has failed.
    event_id = "after-broken-transform"
    stack.client("firehose").put_record(
        DeliveryStreamName=stack.outputs()["DeliveryStreamName"],
        Record={"Data": json.dumps(EVENT | {"event_id": event_id}).encode()},
    )
    eventually(stack, f"SELECT 1 AS x FROM events WHERE event_id = '{event_id}'", 1)


@contextmanager
def no_saved_query(stack: LocalStack) -> Iterator[None]:
    """Somebody deletes a saved query of the stack."""
    athena, workgroup = stack.client("athena"), stack.outputs()["WorkGroupName"]
    query_id = athena.list_named_queries(WorkGroup=workgroup)["NamedQueryIds"][0]
    query = athena.get_named_query(NamedQueryId=query_id)["NamedQuery"]
    athena.delete_named_query(NamedQueryId=query_id)
    yield
    fields = ("Name", "Description", "Database", "QueryString", "WorkGroup")
    athena.create_named_query(**{name: query[name] for name in fields})


@contextmanager
def lower_case_keys(stack: LocalStack) -> Iterator[None]:
    """Firehose's SerDe lower-cases the keys, as it does unless it is told not to."""
    firehose, name = stack.client("firehose"), stack.outputs()["DeliveryStreamName"]

    def update(case_insensitive: bool) -> None:
        stream = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
        (destination,) = stream["Destinations"]
        conversion = destination["ExtendedS3DestinationDescription"]["DataFormatConversionConfiguration"]
        serde = conversion["InputFormatConfiguration"]["Deserializer"]["OpenXJsonSerDe"]
        serde["CaseInsensitive"] = case_insensitive
        firehose.update_destination(
            DeliveryStreamName=name,
            CurrentDeliveryStreamVersionId=stream["VersionId"],
            DestinationId=destination["DestinationId"],
            ExtendedS3DestinationUpdate={"DataFormatConversionConfiguration": conversion},
        )

    update(case_insensitive=True)
    yield
    update(case_insensitive=False)


@contextmanager
def no_cors_header(stack: LocalStack) -> Iterator[None]:
    """API Gateway's own answers to a bad request lack the header that lets a page read them."""
    api, api_id = stack.client("apigateway"), resources(stack)["IngestApi"]
    gateway_response = api.get_gateway_response(restApiId=api_id, responseType="BAD_REQUEST_BODY")
    fields = {
        name: gateway_response[name]
        for name in ("statusCode", "responseTemplates")
        if name in gateway_response
    }

    def put(**parameters: str) -> None:
        api.put_gateway_response(
            restApiId=api_id, responseType="BAD_REQUEST_BODY", responseParameters=parameters, **fields
        )
        api.create_deployment(restApiId=api_id, stageName="v1")

    put()
    yield
    put(**gateway_response["responseParameters"])
