"""Cases that went wrong elsewhere, from the deployed API to Athena; `tests/support/cases.py` describes them.

The till's case is in `test_pipeline_options.py`, on a stack that requires the API key, and that of the
owner's list of dishes in `test_pipeline_changes.py`.
"""

import json

import pytest

from local.stack import LocalStack
from tests.support.cases import cases, check
from tests.support.deployment import Api

SENT = cases()
HISTORY = cases("history")


@pytest.fixture(scope="module")
def stack(shared_stack: LocalStack) -> LocalStack:
    return shared_stack


@pytest.fixture(scope="module", autouse=True)
def sent(stack: LocalStack, api: Api) -> None:
    """The events of all cases, which so wait for the stream's buffer once."""
    for case in SENT.values():
        for event in case.sent:
            assert api.post(event).status == 202
    for case in HISTORY.values():
        stack.client("firehose").put_record(
            DeliveryStreamName=stack.outputs()["DeliveryStreamName"],
            Record={"Data": json.dumps({"events": case.sent}).encode()},
        )


@pytest.mark.parametrize("name", [*SENT, *HISTORY])
def test_the_views_answer_what_is_right(stack: LocalStack, name: str) -> None:
    check(stack, (SENT | HISTORY)[name])
