"""API Gateway's compression: of the bodies that come in, and of the answers.

Emulates: a request's body is decompressed before anything else looks at it. The codings are gzip, deflate
and identity. Another coding, or a body that is not in the coding it names, is answered 415. That may happen
before the API is known, so the answer lacks a gateway response's headers. A body below
`minimumCompressionSize` stays as is.

Not covered: how AWS takes several codings in one header (here 415). Nor whether it bounds what a small body
decompresses to (here 413 above the size of a payload).

Reference:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html
"""

import gzip
import zlib
from typing import Any

from ministack.services import apigateway_v1 as emulated

MAX_BODY_BYTES = 10 * 1024 * 1024  # of a request, and of an integration's request
_WINDOW_BITS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_UNSUPPORTED = {"Content-Type": "application/json", "x-amzn-ErrorType": "UnsupportedMediaTypeException"}
Response = tuple[int, dict[str, str], bytes]
_execute = emulated._handle_execute_in_scope


async def execute(
    api_id: str, stage: str, method: str, path: str, headers: dict[str, str], body: bytes, *arguments: Any
) -> Response:
    """Decompress the body, answer, and compress the answer if the API and the client take that."""
    minimum_size = (emulated._rest_apis.get(api_id) or {}).get("minimumCompressionSize")
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity" and len(body) >= int(minimum_size or 0):
        try:
            body = _decompress(coding, body)
        except (KeyError, ValueError, zlib.error):
            return 415, _UNSUPPORTED, b'{"message":"Unsupported Media Type"}'
    status, answer_headers, answer = await _execute(api_id, stage, method, path, headers, body, *arguments)
    if (
        minimum_size is None
        or len(answer) < int(minimum_size)
        or "gzip" not in headers.get("accept-encoding", "")
    ):
        return status, answer_headers, answer
    return status, {**answer_headers, "Content-Encoding": "gzip"}, gzip.compress(answer)


def _decompress(coding: str, body: bytes) -> bytes:
    """Return what a body holds, cut off where it is too large.

    Raises KeyError for an unsupported coding, ValueError or zlib.error for a body that is not in it.
    """
    decompressor = zlib.decompressobj(_WINDOW_BITS[coding])
    content = decompressor.decompress(body, MAX_BODY_BYTES + 1)
    if len(content) <= MAX_BODY_BYTES and (not decompressor.eof or decompressor.unused_data):
        raise ValueError("cut off, or followed by something else")
    return content
