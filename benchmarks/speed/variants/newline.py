"""Adds a newline to each record and does not even parse it: the least that makes lines of records."""

import base64
from typing import Any


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Add a newline to each record."""
    output = []
    for record in event["records"]:
        text = base64.b64decode(record["data"]).decode("utf-8") + "\n"
        data = base64.b64encode(text.encode("utf-8")).decode("utf-8")
        output.append({"recordId": record["recordId"], "result": "Ok", "data": data})
    return {"records": output}
