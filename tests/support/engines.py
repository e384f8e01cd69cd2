"""The three engines of browsers behind one interface: Chromium, Firefox and WebKit as Debian has them.

Playwright drives Chromium, Firefox's own Marionette protocol Firefox, and WebKitWebDriver GTK's MiniBrowser.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import urllib3
from playwright.sync_api import sync_playwright

from tests.support.browser import ARGUMENTS, CHROMIUM, chromium, visitor
from tests.support.deployment import free_port
from tests.support.local_emulator import until

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
WEBKIT_DRIVER, XVFB = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
MINIBROWSER = next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-*/MiniBrowser"))), None)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # https://www.w3.org/TR/webdriver2/#elements
# Firefox as a guest has it, but that it asks nobody for anything.
PREFERENCES = {
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "remote.active-protocols": 0,
}


class Engine(ABC):
    """A browser with one window or tab in front."""

    @abstractmethod
    def open(self, url: str) -> None:
        """Load a page."""

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page."""

    @abstractmethod
    def click(self, selector: str) -> None:
        """Click an element as a guest does."""

    @abstractmethod
    def back(self) -> None:
        """Go back in the history."""

    @abstractmethod
    def new_tab(self) -> None:
        """Open another tab, and turn to it."""

    @abstractmethod
    def close_tab(self) -> None:
        """Close the tab in front, and turn to the one that is left."""


class Chromium(Engine):
    """Chromium behind Playwright."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._pages = [context.new_page()]

    def open(self, url: str) -> None:
        self._pages[-1].goto(url)

    def evaluate(self, expression: str) -> Any:
        return self._pages[-1].evaluate(expression)

    def click(self, selector: str) -> None:
        self._pages[-1].click(selector)

    def back(self) -> None:
        self._pages[-1].go_back()

    def new_tab(self) -> None:
        self._pages.append(self._context.new_page())

    def close_tab(self) -> None:
        self._pages.pop().close()


class Driven(Engine):
    """A browser that takes WebDriver's commands, in one of the two ways of sending them."""

    window = "tab"

    @abstractmethod
    def command(self, name: str, parameters: dict[str, Any]) -> Any:
        """Send a command of WebDriver, and return the value of its answer."""

    def open(self, url: str) -> None:
        self.command("Navigate", {"url": url})

    def evaluate(self, expression: str) -> Any:
        return self.command("ExecuteScript", {"script": f"return {expression}", "args": []})

    def click(self, selector: str) -> None:
        element = self.command("FindElement", {"using": "css selector", "value": selector})
        self.command("ElementClick", {"id": element[ELEMENT]})

    def back(self) -> None:
        self.command("Back", {})

    def new_tab(self) -> None:
        self._turn_to(self.command("NewWindow", {"type": self.window})["handle"])

    def close_tab(self) -> None:
        self._turn_to(self.command("CloseWindow", {})[0])

    def _turn_to(self, handle: str) -> None:
        self.command("SwitchToWindow", {"handle": handle})


class Firefox(Driven):
    """Firefox: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html."""

    def __init__(self, port: int) -> None:
        self._socket = until(lambda: _connect(port), 60)
        self._number = 0
        self._read()  # it says which protocol it speaks
        self.command("NewSession", {})

    def command(self, name: str, parameters: dict[str, Any]) -> Any:
        self._number += 1
        text = json.dumps([0, self._number, f"WebDriver:{name}", parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(text), text))
        _, _, error, value = self._read()
        assert error is None, error
        return value["value"] if isinstance(value, dict) and value.keys() == {"value"} else value

    def _read(self) -> Any:
        length = b""
        while (byte := self._socket.recv(1)) != b":":
            length += byte
        return json.loads(self._socket.recv(int(length), socket.MSG_WAITALL))


class WebKit(Driven):
    """WebKit: https://www.w3.org/TR/webdriver2/#endpoints."""

    window = "window"  # MiniBrowser's driver opens no tabs
    endpoints: ClassVar = {
        "Navigate": ("POST", "/url"),
        "ExecuteScript": ("POST", "/execute/sync"),
        "FindElement": ("POST", "/element"),
        "ElementClick": ("POST", "/element/{id}/click"),
        "Back": ("POST", "/back"),
        "NewWindow": ("POST", "/window/new"),
        "CloseWindow": ("DELETE", "/window"),
        "SwitchToWindow": ("POST", "/window"),
    }

    def __init__(self, port: int, has_storage: bool) -> None:
        self._url = f"http://127.0.0.1:{port}/session"
        until(lambda: _connect(port), 60).close()
        # An option of WebKitSettings, each of which MiniBrowser takes.
        arguments = ["--automation", f"--enable-html5-local-storage={str(has_storage).lower()}"]
        options = {"binary": str(MINIBROWSER), "args": arguments}
        capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._url += f"/{self._request('POST', '', {'capabilities': capabilities})['sessionId']}"

    def command(self, name: str, parameters: dict[str, Any]) -> Any:
        method, path = self.endpoints[name]
        return self._request(method, path.format(**parameters), parameters)

    def _request(self, method: str, path: str, parameters: dict[str, Any]) -> Any:
        body = json.dumps(parameters) if method == "POST" else None
        response = urllib3.request(method, self._url + path, body=body, timeout=60)
        value = response.json()["value"]
        assert response.status == 200, value
        return value


def _connect(port: int) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", port))
    except ConnectionRefusedError:
        return None


@contextmanager
def _process(*command: object, **environment: str) -> Iterator[None]:
    process = subprocess.Popen(
        [str(part) for part in command],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _chromium(directory: Path, has_storage: bool = True) -> Iterator[Engine]:
    if has_storage:
        with chromium() as browser, visitor(browser) as context:
            yield Chromium(context)
        return
    # "Don't allow sites to save data on your device", where Chromium keeps that choice.
    choice = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (directory / "Default").mkdir()
    (directory / "Default" / "Preferences").write_text(json.dumps(choice))
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            directory, executable_path=CHROMIUM, args=ARGUMENTS, viewport={"width": 400, "height": 800}
        )
        yield Chromium(context)
        context.close()


@contextmanager
def _firefox(directory: Path, has_storage: bool = True) -> Iterator[Engine]:
    port = free_port()
    values = PREFERENCES | {"marionette.port": port}
    if not has_storage:
        values["network.cookie.cookieBehavior"] = 2  # "All cookies", which are its word for all storage
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in values.items())
    (directory / "user.js").write_text("\n".join(lines))
    command = (FIREFOX, "--headless", "--no-remote", "--marionette", "--profile", directory)
    with _process(*command, HOME=str(directory)):
        yield Firefox(port)


@contextmanager
def _webkit(directory: Path, has_storage: bool = True) -> Iterator[Engine]:
    port = free_port()
    display = f":{port}"  # no other process has it
    with ExitStack() as stack:
        stack.enter_context(_process(XVFB, display, "-nolisten", "tcp"))
        until(lambda: Path(f"/tmp/.X11-unix/X{port}").exists())  # noqa: S108  (X11's own place)
        environment = {
            "DISPLAY": display,
            "HOME": str(directory),
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # root may not have one
            "WEBKIT_DISABLE_DMABUF_RENDERER": "1",  # there is no graphics card
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }
        stack.enter_context(_process(WEBKIT_DRIVER, f"--port={port}", **environment))
        yield WebKit(port, has_storage)
        time.sleep(0.2)


# Called with an empty directory, and with False for a browser that lets no site store anything.
ENGINES: dict[str, Callable[..., AbstractContextManager[Engine]]] = {
    "chromium": _chromium,
    "firefox": _firefox,
    "webkit": _webkit,
}
INSTALLED = {
    "chromium": CHROMIUM is not None,
    "firefox": FIREFOX is not None,
    "webkit": None not in (WEBKIT_DRIVER, XVFB, MINIBROWSER),
}
