"""The custom resource `TrackerScript`: the tracker's script in the bucket that the API gives it out from."""

import base64
import sys
import time
from hashlib import sha384
from pathlib import Path

import boto3

from storage import empty

SCRIPT = "menulens.min.js"
# A file of this name never changes, so browsers need not ask again.
CACHE_CONTROL = "public, max-age=31536000, immutable"


def layer() -> Path:
    """Return the script in its layer: Lambda puts a layer's python/ on sys.path."""
    for entry in map(Path, sys.path):
        if (entry / SCRIPT).is_file():
            return entry / SCRIPT
    raise FileNotFoundError("no layer with the tracker's script is attached to the function")


class TrackerScript:
    """Serves one request; `properties` are those of the resource, `seconds` is the time there is."""

    def __init__(self, properties: dict[str, str], seconds: float) -> None:
        self._bucket = properties["Bucket"]
        self._deadline = time.monotonic() + seconds

    def serve(self, request_type: str) -> dict[str, str]:
        """Put the script beside its earlier versions on Create and Update; empty the bucket on Delete.

        Returns the attributes `Key`, the object's name with the hash of its content, and `Integrity`, that
        hash as browsers want it (https://www.w3.org/TR/SRI/).
        """
        if request_type == "Delete":
            empty(self._bucket, self._deadline)
            return {}
        script = layer().read_bytes()
        digest = sha384(script)
        key = f"menulens-{digest.hexdigest()[:16]}.min.js"
        boto3.client("s3").put_object(
            Bucket=self._bucket,
            Key=key,
            Body=script,
            ContentType="text/javascript; charset=utf-8",
            CacheControl=CACHE_CONTROL,
        )
        return {"Key": key, "Integrity": f"sha384-{base64.b64encode(digest.digest()).decode()}"}
