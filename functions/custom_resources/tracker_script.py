"""The custom resource `TrackerScript`: the tracker's script in the bucket that the API gives it out from."""

import base64
import time
from hashlib import sha384

import boto3

from layer import folder_with
from storage import empty

SCRIPT = "menulens.min.js"
# A file of this name never changes, so browsers need not ask again.
CACHE_CONTROL = "public, max-age=31536000, immutable"


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
        script = (folder_with(SCRIPT) / SCRIPT).read_bytes()
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
