"""A package for another processor is refused when it is deployed to this machine, and says which it is."""

import io
import platform
import struct
import zipfile

import pytest

from local.packages import check_processor

NUMBERS = {"x86_64": 62, "arm64": 183}
OWN = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
(OTHER,) = NUMBERS.keys() - {OWN}


def package(processor: str) -> bytes:
    """Return a zip file of a module and a library that begins as those of a processor do."""
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, NUMBERS[processor])
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("app.py", "def handler(event, context): ...")
        file.writestr("msgspec/_core.so", header + bytes(100))
    return content.getvalue()


def test_a_package_of_this_processor_is_taken() -> None:
    check_processor(package(OWN))


def test_a_package_of_another_processor_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=rf"built for {OTHER} \(msgspec/_core.so\).*machine is {OWN}"):
        check_processor(package(OTHER))
