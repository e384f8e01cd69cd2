"""What is left in an account when its stack is gone."""

from typing import Any

from local.stack import LocalStack


def left(stack: LocalStack) -> dict[str, Any]:
    """Return what there is of the kinds that the template and its functions make, but SAM's own bucket."""
    client = stack.client
    resources = {
        "buckets": [
            bucket["Name"]
            for bucket in client("s3").list_buckets()["Buckets"]
            if not bucket["Name"].startswith("aws-sam-cli")
        ],
        "functions": client("lambda").list_functions()["Functions"],
        "layers": client("lambda").list_layers()["Layers"],
        "roles": client("iam").list_roles()["Roles"],
        "streams": client("firehose").list_delivery_streams()["DeliveryStreamNames"],
        "log groups": client("logs").describe_log_groups()["logGroups"],
        "APIs": client("apigateway").get_rest_apis()["items"],
        "dashboards": client("cloudwatch").list_dashboards()["DashboardEntries"],
        "alarms": client("cloudwatch").describe_alarms()["MetricAlarms"],
        "schedules": client("scheduler").list_schedules()["Schedules"],
        "rules": client("events").list_rules()["Rules"],
        "topics": client("sns").list_topics()["Topics"],
        "identities": client("sesv2").list_email_identities()["EmailIdentities"],
        "configuration sets": client("sesv2").list_configuration_sets()["ConfigurationSets"],
        "secrets": client("secretsmanager").list_secrets()["SecretList"],
        "parameters": client("ssm").describe_parameters()["Parameters"],
    }
    return {kind: remaining for kind, remaining in resources.items() if remaining}
