"""What the commands print while they work."""

import subprocess
import sys

from tests.support import ROOT

SCRIPT = """
import os, sys
from demo import command
with command._step("Deploying"):
    print("working", file=sys.stderr)
    os._exit(0)  # nothing that waited in a buffer is printed any more
"""


def test_a_pipe_gets_each_step_as_it_begins() -> None:
    process = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True)
    assert (process.stdout, process.stderr) == ("Deploying\n", "working\n")
