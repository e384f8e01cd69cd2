"""The settings of a REST API's methods, as CloudFormation gives them to a stage.

Emulates: the form of a path: `/*` for all methods, `/` for the root, else each slash as `~1` after a first
one. The emulator takes the letters as they are, and so finds no method under them.

Not covered: settings other than throttling, which nothing here uses.

Reference: https://github.com/hashicorp/terraform-provider-aws/issues/9738 (tried on AWS), and
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-apitgateway-stage-methodsetting.html
"""

import re
from typing import Any

from ministack.services.cloudformation import provisioners

PATH = re.compile(r"/(\*|(~1[^/~]+)*)")
_method_settings = provisioners._apigw_method_settings


def method_settings(raw: list[dict[str, Any]] | dict[str, Any] | None) -> dict[str, Any]:
    """Return the settings by path and method; ValueError for a path in another form."""
    if isinstance(raw, dict) or not raw:
        return dict(_method_settings(raw))
    for setting in raw:
        if not PATH.fullmatch(setting["ResourcePath"]):
            raise ValueError(
                f"Invalid method setting path: {setting['ResourcePath']}/{setting['HttpMethod']}"
            )
    return dict(
        _method_settings(
            [
                setting | {"ResourcePath": setting["ResourcePath"].replace("/~1", "/").replace("~1", "/")}
                for setting in raw
            ]
        )
    )
