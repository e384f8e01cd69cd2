"""What AWS asks for and the emulator does not, by its own documentation or by stacks that run there.

The tests that take each action away in turn fail if the emulator does ask for one of these.
`tests/contract/test_template_security.py` fails if a role is not granted one of them any more.
"""

LOGS = "Lambda writes a function's log as its role; the emulator writes it by itself"
FIREHOSE = "asked for by docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3"
CONVERSION = "asked for by the same page, under #using-iam-glue; the local stream reads the table once"
ATHENA = "Athena writes results as its caller: docs.aws.amazon.com/athena/latest/ug/s3-permissions.html"
DEFAULT_DATABASE = (
    "must be there for whoever runs DDL, by"
    " docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html"
)
LOCATION = "CREATE TABLE can look at its LOCATION as its caller, by the same page as the results"
CID = (
    "in the tested data source role of the Cloud Intelligence Dashboards, cfn-templates/cid-cfn.yml of"
    " github.com/aws-solutions-library-samples/cloud-intelligence-dashboards-framework"
)
QUICKSIGHT = (
    "in AWS's own policy for QuickSight:"
    " docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSQuicksightAthenaAccess.html"
)
SCHEDULER = "EventBridge Scheduler calls its target as this role; the emulator's schedules call nothing"
FUNCTIONS = (
    "TransformRole",
    "VisitorKeyRole",
    "CompactionRole",
    "ReplayRole",
    "HooksRole",
    "ReportRole",
    "DashboardRole",
    "LetterRole",
)
PROJECTION = "QuickSight's data source role has them too (see CID); projected partitions may not ask for them"
TOO_SLOW = "asked for when Athena is too slow, which nothing here is"
CATALOG = (
    "asked for by docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html;"
    " the local Athena asks for a table alone when it reads one"
)
WITH_QUERIES = ("ReportRole", "LetterRole")

# By role and action; an action of a statement with a Sid has it in front.
ASKED_BY_AWS = {
    **{
        (role, f"logs:{action}"): LOGS for role in FUNCTIONS for action in ("CreateLogStream", "PutLogEvents")
    },
    **{
        ("HooksRole", f"s3:{action}"): ATHENA
        for action in (
            "AbortMultipartUpload",
            "GetObject",
            "ListBucket",
            "ListBucketMultipartUploads",
            "ListMultipartUploadParts",
        )
    },
    ("HooksRole", "DefaultDatabase glue:CreateDatabase"): DEFAULT_DATABASE,
    ("HooksRole", "DefaultDatabase glue:GetDatabase"): DEFAULT_DATABASE,
    ("HooksRole", "TableLocations s3:GetObject"): LOCATION,
    **{
        ("DeliveryRole", action): FIREHOSE
        for action in (
            "lambda:GetFunctionConfiguration",
            "s3:AbortMultipartUpload",
            "s3:GetBucketLocation",
            "s3:GetObject",
            "s3:ListBucket",
            "s3:ListBucketMultipartUploads",
        )
    },
    ("DeliveryRole", "glue:GetTableVersion"): CONVERSION,
    ("DeliveryRole", "glue:GetTableVersions"): CONVERSION,
    ("OpeningHoursRole", "cloudwatch:PutMetricData"): SCHEDULER,
    ("VisitorKeyScheduleRole", "lambda:InvokeFunction"): SCHEDULER,
    ("CompactionScheduleRole", "lambda:InvokeFunction"): SCHEDULER,
    ("ReportScheduleRole", "lambda:InvokeFunction"): SCHEDULER,
    ("LetterScheduleRole", "lambda:InvokeFunction"): SCHEDULER,
    **{(role, "athena:StopQueryExecution"): TOO_SLOW for role in WITH_QUERIES},
    **{(role, "EventsBucket s3:GetBucketLocation"): ATHENA for role in WITH_QUERIES},
    **{(role, "glue:GetDatabase"): CATALOG for role in WITH_QUERIES},
    **{
        (role, f"glue:{action}"): PROJECTION
        for role in WITH_QUERIES
        for action in ("GetPartition", "GetPartitions")
    },
    **{
        (role, f"{sid} s3:{action}"): ATHENA
        for role in WITH_QUERIES
        for sid, action in (
            ("Results", "AbortMultipartUpload"),
            ("Results", "GetObject"),
            ("Results", "ListMultipartUploadParts"),
            ("ResultsBucket", "ListBucket"),
            ("ResultsBucket", "ListBucketMultipartUploads"),
        )
    },
    ("QuickSightRole", "WithoutResource athena:ListWorkGroups"): QUICKSIGHT,
    **{
        ("QuickSightRole", action): CID
        for action in (
            "WithoutResource athena:ListDataCatalogs",
            "WithoutResource lakeformation:GetDataAccess",
            "athena:GetQueryResultsStream",
            "glue:GetPartition",
            "glue:GetPartitions",
        )
    },
    **{
        ("QuickSightRole", f"s3:{action}"): ATHENA
        for action in (
            "AbortMultipartUpload",
            "GetObject",  # of results; of events it is shown
            "ListBucketMultipartUploads",
            "ListMultipartUploadParts",
        )
    },
}


def asked_by_aws(role: str) -> list[str]:
    """Return the actions of a role that the emulator does not ask for, in order."""
    return sorted(action for of, action in ASKED_BY_AWS if of == role)
