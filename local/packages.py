"""Refusal of a function's package that is built for another processor than this machine's.

Emulates: nothing of AWS, which has both processors and accepts any package; a library of the wrong one fails
there when the function starts. Here functions run as processes of this machine: such a package would be
deployed, and every record would fail.

Not covered: libraries in layers.

Reference: https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html
"""

import io
import platform
import zipfile
from contextlib import suppress

from ministack.services import lambda_svc

# The processor in the header of a library: two bytes at 18, in the order of `<elf.h>`, EM_X86_64, EM_AARCH64.
ELF = b"\x7fELF"
MACHINES = {62: "x86_64", 183: "arm64"}
_fetch_code = lambda_svc._fetch_code_from_s3


def fetch_code(bucket: str, key: str, version_id: str | None = None) -> bytes | None:
    """Return a package from S3; ValueError if a library in it is for another processor."""
    code: bytes | None = _fetch_code(bucket, key, version_id=version_id)
    if code is not None:
        with suppress(zipfile.BadZipFile):  # which the emulator rejects itself
            check_processor(code)
    return code


def check_processor(code: bytes) -> None:
    """Raise ValueError, which names library and processors, if a zip file holds one for another machine."""
    own = "arm64" if platform.machine() in ("aarch64", "arm64") else platform.machine()
    with zipfile.ZipFile(io.BytesIO(code)) as package:
        for name in package.namelist():
            with package.open(name) as file:
                header = file.read(20)
            if header.startswith(ELF):
                number = int.from_bytes(header[18:20], "little")
                processor = MACHINES.get(number, f"processor {number}")
                if processor != own:
                    raise ValueError(
                        f"the package is built for {processor} ({name}), and this machine is {own}:"
                        " make redeploy builds it for this machine"
                    )
