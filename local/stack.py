"""The stack on one machine: the emulator's process, and the template that SAM deploys to it.

Emulates: nothing by itself; it runs the real SAM CLI against the emulator, whose process it starts and stops.

Not covered: QuickSight, which the emulator does not have.

Reference: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html (AWS_ENDPOINT_URL)
"""

import os
import platform
import shutil
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import boto3

from local.child import Child
from local.messages import UserError, explain_output
from local.port_owner import port_owner

ROOT = Path(__file__).parent.parent
STATE = ROOT / "build" / "local"
REGION = "eu-central-1"
STACK_NAME = "menulens-local"
TIME_ZONE = "Europe/Rome"  # of the simulated restaurants
DEFAULT_PORT = 4566
START_SECONDS = 30


class LocalStackError(UserError):
    """The local stack cannot start, build or deploy; the message says why."""


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
        self._lock = threading.Lock()
        self._children: list[Child] = []
        self._emulator: Child | None = None
        self._is_starting = False
        self._is_stopped = False

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

    def adopt_environment(self) -> None:
        """Make every AWS client of this process talk to this emulator, and to nothing else."""
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(self.environment())

    def start(self) -> None:
        """Start the emulator and wait until it answers; raise LocalStackError if it cannot."""
        _check_machine()
        with _listener(self.port) as listener:
            self._is_starting = True
            shutil.rmtree(self._temporary, ignore_errors=True)  # of a run that was killed
            self._temporary.mkdir(parents=True, exist_ok=True)
            environment = self.environment() | {
                "BIND": f"fd://{listener.fileno()}",
                "GATEWAY_PORT": str(self.port),
                "AUTH": "true",  # enforce IAM
                "IOT_MTLS_ENABLED": "0",  # would listen on another port
                "MINISTACK_REGION": REGION,
                "LOG_LEVEL": "WARNING",
                "STARTED_BY": str(os.getpid()),
                "TMPDIR": str(self._temporary),  # for the functions' packages
            }
            environment.pop("AWS_ENDPOINT_URL")  # the emulator sets it for the functions that it runs
            if self._quicksight:
                environment["AWS_ENDPOINT_URL_QUICKSIGHT"] = self._quicksight
            with self.log.open("wb") as log:
                command = (sys.executable, "-m", "local.emulator")
                name, descriptors = "the emulator with its stack", (listener.fileno(),)
                emulator = self._start(lambda: Child(name, command, ROOT, environment, log, descriptors))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if emulator.status() is not None or time.monotonic() > deadline:
                self.stop()
                raise LocalStackError(f"the emulator did not start:\n{self._end_of_log()}")
            time.sleep(0.1)
        self._emulator = emulator

    def check(self) -> None:
        """Raise LocalStackError, with the end of its log, if the emulator has ended by itself."""
        if self._emulator is not None and self._emulator.status() is not None:
            raise LocalStackError(
                f"the emulator has ended by itself, with exit code {self._emulator.status()};"
                f" the end of {self.log}:\n{self._end_of_log()}"
            )

    def running(self) -> list[str]:
        """Return the names of what runs now, in the order in which it was started."""
        return [child.name for child in self._children if child.status() is None]

    def stop(self) -> None:
        """Kill the emulator with the functions that it runs, and the SAM CLI; nothing starts any more.

        Any thread may call it, while another is at work in this class. The emulator keeps all that it has in
        memory, so there is nothing to save.
        """
        with self._lock:
            self._is_stopped = True
        for child in self._children:
            child.kill()
        if self._is_starting:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def build(self) -> None:
        """Do what `make build` does, for this machine's processor."""
        script = str(ROOT / "scripts" / "build.py")
        options = ("--config-env", "local", "--parameter-overrides", _parameters({}))
        self._run("sam build", sys.executable, script, *options)

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

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the deployed stack that are not empty."""
        stack = self.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        values = {entry["ParameterKey"]: entry["ParameterValue"] for entry in stack.get("Parameters", [])}
        return {name: value for name, value in values.items() if value}

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
        self._run(f"sam {command}", path, command, "--config-env", "local", *arguments)

    def _run(self, name: str, *command: str) -> None:
        with tempfile.TemporaryFile() as output:
            with self._start(lambda: Child(name, command, self.project, self.environment(), output)) as child:
                status = child.wait()
            output.seek(0)
            text = output.read().decode(errors="replace")
        if status:
            cause = explain_output(text)
            raise LocalStackError(f"{name} failed: {cause}" if cause else f"{name} failed:\n{text[-8000:]}")

    def _end_of_log(self) -> str:
        return self.log.read_text(errors="replace")[-8000:]

    def _start(self, start: Callable[[], Child]) -> Child:
        """Start a child that `stop` kills; raise LocalStackError once the stack is stopped."""
        with self._lock:
            if self._is_stopped:
                raise LocalStackError("the local stack is stopped")
            child = start()
            self._children.append(child)
        return child

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=1).close()  # noqa: S310  # http
        except (urllib.error.URLError, OSError):
            return False
        return True


def machine_parameters() -> dict[str, str]:
    """Return the template's parameters for this machine."""
    architecture = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    return {"TimeZone": TIME_ZONE, "Architecture": architecture}


def _parameters(parameters: dict[str, str]) -> str:
    """Write the template's parameters, with those of this machine, as `sam` takes them."""
    return " ".join(
        f'{name}="{value}"' if " " in value else f"{name}={value}"
        for name, value in (machine_parameters() | parameters).items()
    )


def _check_machine() -> None:
    if sys.platform != "linux":
        raise LocalStackError(
            "the local stack runs the functions' Linux packages: use Linux, or WSL on Windows"
        )


def _listener(port: int) -> socket.socket:
    """Return a socket that listens on the port; raise LocalStackError, which says who does already."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        listener.close()
        owner = port_owner(port)
        by, remedy = "", "stop what listens there"
        if owner is not None:
            by = f" by the local stack of process {owner.process}, which runs in {owner.folder}"
            remedy = f"stop it by Ctrl-C there or by kill {owner.process}"
        raise LocalStackError(
            f"port {port} is in use{by}: {remedy}, or choose another: PORT={port + 4}"
        ) from None
    return listener
