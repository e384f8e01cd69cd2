"""The emulator's names that `local/` replaces, adds and uses.

Emulates: nothing by itself; it puts the functions of `local/` in the place of the emulator's.

Not covered: a function that takes other arguments than it does in the pinned version.

Reference: the emulator's source. It promises nothing of these names, so its version is pinned, and each name
is checked before the first is replaced. tests/unit/local/test_patches.py holds the tables to the code.
"""

import tomllib
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"

# What stands in the place of a function of the emulator's. Where the emulator finds the function in a
# dictionary, the keys follow the dictionary's name.
REPLACED = {
    "ministack.app": {
        "pin_request_origin": "local.authorization:pin_request_origin",
    },
    "ministack.core.iam_actions": {
        "extract_resource_arn": "local.authorization:resource_arn",
    },
    "ministack.services.apigateway_v1": {
        "_check_passthrough_behavior": "local.apigateway.content_types:check_passthrough",
        "_check_request_validation": "local.apigateway.validation:check_request",
        "_gateway_error_response": "local.apigateway.validation:error_response",
        "_handle_execute_in_scope": "local.apigateway.compression:execute",
        "_import_rest_api": "local.apigateway.openapi:import_api",
        "_invoke_lambda_custom_v1": "local.apigateway.integration:invoke",
        "_invoke_lambda_proxy_v1": "local.apigateway.proxy:invoke",
        "_invoke_mock_v1": "local.apigateway.responses:mock_response",
    },
    "ministack.services.athena": {
        "_create_named_query": "local.athena.named_queries:create_named_query",
        "_get_database": "local.athena.access:get_database",
        "_get_query_results": "local.athena.service:get_query_results",
        "_get_table_metadata": "local.athena.access:get_table_metadata",
        "_list_databases": "local.athena.access:list_databases",
        "_list_named_queries": "local.athena.named_queries:list_named_queries",
        "_list_table_metadata": "local.athena.access:list_table_metadata",
        "_start_query_execution": "local.athena.service:start_query_execution",
        "_update_workgroup": "local.athena.service:update_workgroup",
        "handle_request": "local.athena.named_queries:handle_request",
    },
    "ministack.services.cloudformation": {
        "handle_request": "local.cloudformation:handle_request",
    },
    "ministack.services.cloudformation.changesets": {
        "_evaluate_conditions": "local.conditions:evaluate",
        "validate_template_support": "local.conditions:validate",
    },
    "ministack.services.cloudformation.engine": {
        "_evaluate_conditions": "local.conditions:evaluate",
    },
    "ministack.services.cloudformation.handlers": {
        "_evaluate_conditions": "local.conditions:evaluate",
    },
    "ministack.services.cloudformation.provisioners": {
        "_RESOURCE_HANDLERS.AWS::ApiGateway::RestApi.update": "local.apigateway.openapi:update_api",
        "_RESOURCE_HANDLERS.AWS::S3::Bucket.delete": "local.cloudformation:delete_bucket",
        "_RESOURCE_HANDLERS.AWS::S3::BucketPolicy.delete": "local.cloudformation:delete_bucket_policy",
        "_RESOURCE_HANDLERS.AWS::SES::EmailIdentity.create": "local.ses:create_identity",
        "_apigw_method_settings": "local.apigateway.stage:method_settings",
        "_ses_email_identity_create": "local.ses:create_identity",
        "_custom_resource_create": "local.cloudformation:create_custom_resource",
        "_cw_metric_alarm_record": "local.cloudformation:alarm_record",
    },
    "ministack.services.cloudformation.stacks": {
        "_evaluate_conditions": "local.conditions:evaluate",
    },
    "ministack.services.lambda_svc": {
        "_fetch_code_from_s3": "local.packages:fetch_code",
    },
    "ministack.services.firehose": {
        "_HANDLERS.DeleteDeliveryStream": "local.firehose.service:delete_delivery_stream",
        "_HANDLERS.PutRecord": "local.firehose.service:put_record",
        "_HANDLERS.PutRecordBatch": "local.firehose.service:put_record_batch",
        "_delete_delivery_stream": "local.firehose.service:delete_delivery_stream",
        "_handle_request_sync": "local.firehose.service:dispatch",
    },
    "ministack.services.s3": {
        "handle_request": "local.s3:handle_request",
    },
    "ministack.services.ses_v2": {
        "handle_request": "local.ses:handle_request",
    },
}
# Types of resources that the emulator does not know.
ADDED = {
    "ministack.services.cloudformation.provisioners": {
        "_RESOURCE_HANDLERS.AWS::Budgets::Budget": "local.cloudformation:BUDGET_HANDLERS",
        "_RESOURCE_HANDLERS.AWS::WAFv2::WebACLAssociation": "local.cloudformation:ASSOCIATION_HANDLERS",
    },
}
# What else `local/` uses of the emulator.
USED = {
    "ministack.app": ("app",),
    "ministack.core.concurrency": ("run_reentrant",),
    "ministack.core.iam_actions": ("identity_denial_message",),
    "ministack.core.iam_evaluator": (
        "AuthError",
        "EvalContext",
        "_service_principal_matches",
        "_verified_key",
        "enforce",
        "evaluate_trust_policy",
    ),
    "ministack.core.responses": (
        "error_response_json",
        "get_account_id",
        "get_region",
        "get_request_client_ip",
        "json_response",
        "new_uuid",
    ),
    "ministack.services.apigateway_v1": (
        "_GATEWAY_ERROR_MESSAGES",
        "_MAX_BODY_DEPTH",
        "_authorizers_v1",
        "_create_model",
        "_create_request_validator",
        "_delete_rest_api",
        "_extract_lambda_ref_from_integration_uri",
        "_gateway_responses",
        "_gw_error",
        "_json_depth",
        "_model_schema",
        "_models",
        "_parse_service_integration_uri",
        "_put_gateway_response",
        "_request_validators",
        "_resolve_schema_ref",
        "_resources",
        "_rest_apis",
        "_select_service_integration_response",
    ),
    "ministack.services.athena": (
        "_Cursor",
        "_DropTable",
        "_create_table_input",
        "_detect_statement_type",
        "_executions",
        "_named_queries",
        "_parse_ddl",
        "_property_list",
        "_workgroups",
        "logger",
    ),
    "ministack.services.budgets": (
        "_create_budget",
        "_delete_budget",
    ),
    "ministack.services.cloudformation": (
        "_exports",
        "_stacks",
    ),
    "ministack.services.cloudformation.engine": ("get_region",),
    "ministack.services.cloudformation.provisioners": (
        "_apigw_rest_api_attrs",
        "_apigw_rest_api_create",
        "_apigw_rest_api_update",
        "_custom_resource_delete",
        "_physical_name",
        "_s3_bucket_policy_delete",
        "_s3_delete",
    ),
    "ministack.services.eventbridge": ("_put_events",),
    "ministack.services.firehose": (
        "_DeliveryError",
        "_conversion_error",
        "_evaluate_prefix",
        "_hive_to_duckdb_type",
        "_java_time",
        "_put_record",
        "_put_record_batch",
        "_record_id",
        "_s3_bucket_from_arn",
        "_streams",
    ),
    "ministack.services.glue": (
        "_create_database",
        "_create_table",
        "_databases",
        "_delete_database",
        "_delete_table",
        "_partitions",
        "_tables",
        "_update_table",
    ),
    "ministack.services.iam": (
        "_gen_secret",
        "_gen_session_access_key",
        "_gen_session_token",
        "_roles",
    ),
    "ministack.services.lambda_svc": ("function_policy_for_arn",),
    "ministack.services.s3": (
        "_bucket_has_versions",
        "_buckets",
        "_get_object_data",
        "_parse_bucket_key",
        "_put_object",
    ),
    "ministack.services.ses": (
        "_account_details",
        "_identities",
    ),
    "ministack.services.ses_v2": (
        "_config_sets",
        "_identities",
    ),
    "ministack.services.sts": (
        "_role_id",
        "register_session",
    ),
    "ministack.services.waf": (
        "_associate_web_acl",
        "_disassociate_web_acl",
    ),
}


class EmulatorChangedError(Exception):
    """The installed emulator lacks names that `local/` needs, or has names that `local/` adds."""


def install() -> None:
    """Replace and add the names; raise EmulatorChangedError, with nothing replaced, when one does not fit."""
    check()
    supplements = [
        (module, name, resolve_name(supplement))
        for module, names in [*REPLACED.items(), *ADDED.items()]
        for name, supplement in names.items()
    ]
    for module, name, supplement in supplements:
        path, _, last = name.rpartition(".")
        owner = find(module, path) if path else import_module(module)
        if isinstance(owner, dict):
            owner[last] = supplement
        else:
            setattr(owner, last, supplement)


def check() -> None:
    """Raise EmulatorChangedError, which says what does not fit, with the installed and the pinned version."""
    needed = [(module, name) for table in (REPLACED, USED) for module in table for name in table[module]]
    problems = [f"{module} lacks {name}" for module, name in needed if not _exists(module, name)]
    added = [(module, name) for module in ADDED for name in ADDED[module]]
    problems += [f"{module} has {name}, which local/ adds" for module, name in added if _exists(module, name)]
    if problems:
        raise EmulatorChangedError(
            f"local/ does not fit ministack {version('ministack')}, which is installed;"
            f" pyproject.toml pins {pinned_version()}:\n" + "\n".join(problems)
        )


def find(module: str, name: str) -> Any:
    """Return what the emulator has under a name; ImportError, AttributeError or KeyError for nothing."""
    value: Any = import_module(module)
    for step in name.split("."):
        value = value[step] if isinstance(value, dict) else getattr(value, step)
    return value


def _exists(module: str, name: str) -> bool:
    try:
        find(module, name)
    except (ImportError, AttributeError, KeyError):
        return False
    return True


def pinned_version() -> str:
    """Return the version of the emulator that pyproject.toml asks for."""
    packages = tomllib.loads(PYPROJECT.read_text())["dependency-groups"]["local"]
    return next(
        package.removeprefix("ministack==") for package in packages if package.startswith("ministack==")
    )
