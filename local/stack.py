"""The stack on one machine: the emulator's process, and the template that SAM deploys to it.

Emulates: nothing by itself; it runs the real SAM CLI against the emulator, whose process it starts and stops.

Not covered: QuickSight, which the emulator does not have.

Reference: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html (AWS_ENDPOINT_URL)
"""

import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import boto3

ROOT = Path(__file__).parent.parent
STATE = ROOT / "build" / "local"
REGION = "eu-central-1"
STACK_NAME = "menulens-local"
TIME_ZONE = "Europe/Rome"  # of the simulated restaurants
DEFAULT_PORT = 4566
START_SECONDS = 30


class LocalStackError(Exception):
    """Something that the user has to fix; the message says how."""


def port() -> int:
    """Return the port of the emulator; raise LocalStackError if PORT does not name one."""
    port = os.environ.get("PORT", str(DEFAULT_PORT))
    if not port.isdecimal() or not 1024 <= int(port) <= 65535:
        raise LocalStackError(f"PORT is {port}, but must be a number from 1024 to 65535")
    return int(port)


class LocalStack:
    """An emulator on `port` of loopback, and the stack of the `project` folder deployed to it.

    The emulator has no QuickSight; the stack's functions find one at `quicksight`, a URL, if it is given.
    """

    def __init__(self, port: int, project: Path = ROOT, quicksight: str = "") -> None:
        self.port = port
        self.project = project
        self.endpoint = f"http://127.0.0.1:{port}"
        self.log = STATE / f"emulator-{port}.log"
        self._temporary = STATE / f"tmp-{port}"
        self._quicksight = quicksight
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        """Return the environment in which any AWS tool talks to this emulator, and to nothing else."""
        without_aws = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return without_aws | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_CHECK_UPDATES": "0",
            # The virtual environment's tools and its Python 3.13, which also runs the functions.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }

    def start(self) -> None:
        """Start the emulator and wait until it answers; raise LocalStackError if it cannot."""
        _check_machine()
        _check_port(self.port)
        self._temporary.mkdir(parents=True, exist_ok=True)
        environment = self.environment() | {
            "GATEWAY_PORT": str(self.port),
            "AUTH": "true",  # enforce IAM
            "IOT_MTLS_ENABLED": "0",  # would listen on another port
            "MINISTACK_REGION": REGION,
            "LOG_LEVEL": "WARNING",
            "TMPDIR": str(self._temporary),  # for the functions' packages
        }
        environment.pop("AWS_ENDPOINT_URL")  # the emulator sets it for the functions that it runs
        if self._quicksight:
            environment["AWS_ENDPOINT_URL_QUICKSIGHT"] = self._quicksight
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.emulator"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the emulator
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise LocalStackError(f"the emulator did not start:\n{self.log.read_text()[-8000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the emulator and the functions it runs."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None
        shutil.rmtree(self._temporary, ignore_errors=True)

    def build(self) -> None:
        """Do what `make build` does, for this machine's processor."""
        self._sam("build", "--parameter-overrides", _parameters({}))
        self._run(sys.executable, str(ROOT / "scripts" / "package.py"))

    def deploy(self, **parameters: str) -> None:
        """Run the real `sam deploy`, with `parameters` of the template beside those of this machine."""
        self._sam("deploy", "--parameter-overrides", _parameters(parameters))

    def delete(self) -> None:
        """Run the real `sam delete`."""
        self._sam("delete", "--no-prompts")

    def client(self, service: str) -> Any:
        """Return a boto3 client of the emulator, with all rights."""
        make_client: Any = boto3.client  # its types ask for a literal name of a service
        return make_client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106  # the emulator's root user
        )

    def outputs(self) -> dict[str, str]:
        """Return the outputs of the deployed stack."""
        stack = self.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def local_url(self, url: str) -> str:
        """Return where the emulator serves an execute-api `url` without the help of a name server."""
        host, _, path = url.removeprefix("https://").partition("/")
        stage, _, rest = path.partition("/")
        return f"{self.endpoint}/restapis/{host.partition('.')[0]}/{stage}/_user_request_/{rest}"

    def _sam(self, command: str, *arguments: str) -> None:
        """Run a command of the SAM CLI quietly; raise LocalStackError with its output if it fails."""
        path = shutil.which("sam", path=self.environment()["PATH"])
        if path is None:
            raise LocalStackError("the SAM CLI is not installed: run make again")
        self._run(path, command, "--config-env", "local", *arguments)

    def _run(self, *command: str) -> None:
        process = subprocess.run(  # noqa: S603  # commands of this module
            command,
            cwd=self.project,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if process.returncode:
            raise LocalStackError(
                f"{' '.join(command)} failed:\n{process.stdout[-8000:]}\n{process.stderr[-8000:]}"
            )

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=1).close()  # noqa: S310  # http
        except (urllib.error.URLError, OSError):
            return False
        return True


def _parameters(parameters: dict[str, str]) -> str:
    """Write the template's parameters, with those of this machine, as `sam` takes them."""
    architecture = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    values = {"TimeZone": TIME_ZONE, "Architecture": architecture} | parameters
    return " ".join(f"{name}={value}" for name, value in values.items())


def _check_machine() -> None:
    if sys.platform != "linux":
        raise LocalStackError(
            "the local stack runs the functions' Linux packages: use Linux, or WSL on Windows"
        )


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise LocalStackError(
                f"port {port} is in use: stop what listens there, or choose another: PORT=4570"
            )
