"""How long the package takes to import and initialise in a fresh process, beside Powertools alone."""

import statistics
import subprocess
import sys
from pathlib import Path

from local.stack import ROOT

PACKAGE = ROOT / ".aws-sam" / "build" / "TransformFunction"
ROUNDS = 15
PROGRAMS = {
    "ours": "import app",
    "Logger, Metrics": (
        "from aws_lambda_powertools import Logger, Metrics\n"
        "Logger(service='transform')\nMetrics(namespace='MenuLens', service='transform')"
    ),
}
TIMED = """
import sys, time
sys.path.insert(0, {package!r})
start = time.perf_counter()
{program}
print((time.perf_counter() - start) * 1000)
"""


def cold_starts() -> dict[str, float]:
    """Return the median milliseconds of each program in its own process, taken in turn."""
    samples: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            code = TIMED.format(package=str(PACKAGE), program=program)
            # Isolated: nothing but the package and the standard library can be imported, as in Lambda.
            done = subprocess.run(  # noqa: S603  # our own program
                [sys.executable, "-I", "-S", "-c", code],
                env={"TIME_ZONE": "Europe/Rome", "DATA_BUCKET": "none"},
                check=True,
                capture_output=True,
                text=True,
            )
            samples[name].append(float(done.stdout))
    return {name: statistics.median(times) for name, times in samples.items()}


def package_size() -> int:
    """Return the bytes of the built package, unzipped."""
    return sum(path.stat().st_size for path in Path(PACKAGE).rglob("*") if path.is_file())
