"""The custom resource `DataRemoval`: deletes the bucket with the events, unless it is to be retained."""

import time

from storage import remove


class DataRemoval:
    """Serves one request; `properties` are those of the resource, `seconds` is the time there is."""

    def __init__(self, properties: dict[str, str], seconds: float) -> None:
        self._bucket = properties["Bucket"]
        self._retain = properties["RetainData"] == "true"
        self._deadline = time.monotonic() + seconds

    def serve(self, request_type: str) -> None:
        """Empty and delete the bucket on Delete, unless the stack's last `RetainData` is true.

        CloudFormation itself deletes the bucket when a creation fails, and takes one that is gone as deleted.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
        """
        if request_type == "Delete" and not self._retain:
            remove(self._bucket, self._deadline)
