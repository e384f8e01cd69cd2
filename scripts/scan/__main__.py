"""Looks for weaknesses in the template, for secrets in files, and for packages other than the locked ones.

Run by `make scan`. What checkov finds must be what docs/security.md argues, neither more nor less.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.scan.statements import statements

ROOT = Path(__file__).parent.parent.parent
ENVIRONMENT = Path(__file__).parent
CHECKS = ENVIRONMENT / ".venv" / "bin"
ARGUED = ROOT / "docs" / "security.md"

# Not searched for high entropy: records in base64, hashes of packages.
ENTROPY = r"^events/|(^|/)(uv\.lock|requirements\.txt|package-lock\.json)$"
KEYWORDS = "KeywordDetector"  # takes every line with the word "key" or "password" for a secret


def main() -> int:
    """Run every check, print what is wrong, and return 1 if anything is."""
    problems = [*_template(), *_permissions(), *_secrets(), *_packages()]
    for problem in problems:
        print(f"scan: {problem}", file=sys.stderr)
    if not problems:
        print(
            "scan: template as argued in docs/security.md, "
            "permissions as AWS has them, no secrets, packages as locked"
        )
    return int(bool(problems))


def _template() -> list[str]:
    arguments = ("--file", "template.yaml", "--framework", "cloudformation", "--skip-download", "-o", "json")
    report = json.loads(_run(str(CHECKS / "checkov"), *arguments, allowed=(0, 1)))
    failed: dict[str, list[str]] = {}
    for check in report["results"]["failed_checks"]:
        failed.setdefault(check["check_id"], []).append(f"{check['resource']} ({check['check_name']})")
    argued = set(re.findall(r"^\| `(CKV\w+)` \|", ARGUED.read_text(), re.MULTILINE))
    return [
        *(f"{check} of {', '.join(failed[check])}" for check in sorted(failed.keys() - argued)),
        *(
            f"{check} is argued in {ARGUED.name}, but nothing is found"
            for check in sorted(argued - failed.keys())
        ),
    ]


def _permissions() -> list[str]:
    """Return the permissions that the Service Authorization Reference does not know as they are granted."""
    command = [str(CHECKS / "python"), str(ENVIRONMENT / "permissions.py")]
    text = json.dumps(statements())
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603  # our own
    return done.stdout.splitlines()


def _secrets() -> list[str]:
    files = _run("git", "ls-files").splitlines()
    problems = _secrets_in(files)
    folder = ROOT / "build"
    folder.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", dir=folder) as planted:
        planted.write("AKIA" + "Q7ZMXP3L5T2WNB4K\n")
        planted.flush()
        if not _secrets_in([str(Path(planted.name).relative_to(ROOT))]):
            problems.append("a planted secret was not found: the scanner does not work")
    return problems


def _secrets_in(files: Sequence[str]) -> list[str]:
    with_entropy = [file for file in files if not re.search(ENTROPY, file)]
    others = [file for file in files if re.search(ENTROPY, file)]
    without = ("--disable-plugin", "Base64HighEntropyString", "--disable-plugin", "HexHighEntropyString")
    results: dict[str, Any] = {}
    for arguments, paths in (((), with_entropy), (without, others)):
        if paths:
            command = (
                str(CHECKS / "detect-secrets"),
                "scan",
                "--all-files",
                "--no-verify",
                "--disable-plugin",
                KEYWORDS,
                *arguments,
                *paths,
            )
            results |= json.loads(_run(*command))["results"]
    return [
        f"{file}:{secret['line_number']}: {secret['type']}"
        for file, secrets in results.items()
        for secret in secrets
    ]


def _packages() -> list[str]:
    """Return the lock files that do not fit their project, or hold a package without a hash."""
    problems = []
    for project in (ROOT, ENVIRONMENT):
        name = (project / "uv.lock").relative_to(ROOT)
        check = (
            str(Path(sys.executable).with_name("uv")),
            "lock",
            "--check",
            "--quiet",
            "--project",
            str(project),
        )
        if subprocess.run([*check, "--python", sys.executable], cwd=ROOT, capture_output=True).returncode:  # noqa: S603  # our own
            problems.append(f"{name} is not what pyproject.toml asks for: run uv lock")
        files = re.findall(r'\{ url = "[^"]+"([^}]*)\}', (project / "uv.lock").read_text())
        if not files or not all('hash = "sha256:' in file for file in files):
            problems.append(f"{name} has packages without a hash")
    return problems


def _run(*command: str, allowed: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: S603  # our own
    if done.returncode not in allowed:
        raise SystemExit(f"scan: {' '.join(command[:2])} failed:\n{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
