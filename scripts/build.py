"""Builds the functions: `sam build` with the arguments given, the dashboard's shell, then `package.py`.

`sam build` copies what it has built into its cache before it notes of which source that is. If it ends in
between, its cache lies to the next build. So after a build that did not end well, everything is built anew.
"""

import shutil
import subprocess
import sys
from pathlib import Path

BUILD = Path(".aws-sam")
PACKAGE = Path(__file__).with_name("package.py")
ROOT = Path(__file__).parent.parent


def main(arguments: list[str]) -> int:
    """Build the project in the current folder; return the exit code of what failed, or 0."""
    unfinished = BUILD / "unfinished"
    if unfinished.exists():
        shutil.rmtree(BUILD)
    BUILD.mkdir(exist_ok=True)
    unfinished.touch()
    project = Path.cwd()
    for command, folder in (
        (["sam", "build", *arguments], project),
        ([sys.executable, "-m", "preview.shell", str(project)], ROOT),
        ([sys.executable, str(PACKAGE)], project),
    ):
        status = subprocess.run(command, cwd=folder).returncode  # noqa: S603
        if status:
            return status
    unfinished.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
