"""Sends simulated requests to the API as trackers do, and loses none without saying so."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import urllib3
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text

from demo.simulation import Event, Request

ACCEPTED = 202
NO_ANSWER = 0
SAMPLES = 5  # failed requests of which the answer is kept
SAMPLE_LENGTH = 500  # characters
TIMEOUT = urllib3.Timeout(connect=5, read=35)  # seconds; API Gateway itself gives up after 29
RETRIES = urllib3.Retry(
    total=6,
    allowed_methods=None,  # POST too: a second copy of an event with an id is merged
    status_forcelist=(429, 500, 502, 503, 504),
    backoff_factor=0.2,  # seconds; doubles with each attempt, 12 in all
    backoff_jitter=0.2,
    raise_on_status=False,
    respect_retry_after_header=False,  # it could ask for hours
)
# What the HTTP library says of itself would be taken for a bot.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


@dataclass(slots=True)
class SendResult:
    """What became of the requests, and of the events in them."""

    accepted: int = 0  # requests
    failed: int = 0  # requests
    events: int = 0  # in the accepted requests
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)  # of the final answers, `NO_ANSWER` included
    failures: list[str] = field(default_factory=list)  # status and body of the first failed requests

    def __str__(self) -> str:
        """Return one line for a log."""
        rate = self.events / self.seconds if self.seconds else 0
        line = f"accepted {self.accepted:,} requests with {self.events:,} events in {self.seconds:.1f} s"
        return f"{line} ({rate:,.0f} events/s), failed {self.failed:,}"


class _Message(NamedTuple):
    body: Any
    headers: dict[str, str]
    events: int


class _Answer(NamedTuple):
    status: int
    text: str


class _EventsPerSecond(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Show the speed, once it is known."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} events/s" if speed else "", style="progress.data.speed")


def send(requests: Iterable[Request], url: str, *, concurrency: int = 8, progress: bool = True) -> SendResult:
    """Post each request to `url`, the batch path, `concurrency` at a time.

    With `progress`, a terminal shows a bar; anything else gets a line before and one at the end.
    """
    console = Console(quiet=not progress)
    messages = [_Message(request.body, request.headers, len(request.body["events"])) for request in requests]
    if not console.is_terminal:
        console.print(f"Sending {len(messages):,} requests of simulated visits", highlight=False)
    result = _post_all(messages, url, concurrency, console)
    if not console.is_terminal:
        console.print(str(result), soft_wrap=True)
    return result


def send_payloads(events: Iterable[Event], url: str) -> SendResult:
    """Post each event on its own to `url`, the path of single events, one after the other."""
    headers = {"User-Agent": BROWSER, "Content-Type": "application/json"}
    return _post_all([_Message(event, headers, 1) for event in events], url, 1, Console(quiet=True))


def _post_all(messages: Sequence[_Message], url: str, concurrency: int, console: Console) -> SendResult:
    """Post all messages over kept-alive connections, one per thread."""
    result = SendResult()
    started = time.perf_counter()
    with (
        urllib3.PoolManager(maxsize=concurrency, block=True, retries=RETRIES, timeout=TIMEOUT) as pool,
        ThreadPoolExecutor(concurrency) as threads,
        _progress(console) as bar,
    ):
        task = bar.add_task("sending", total=sum(message.events for message in messages))
        answers = threads.map(lambda message: _post(pool, url, message), messages)
        for message, answer in zip(messages, answers, strict=True):
            _count(result, message, answer)
            bar.advance(task, message.events)
    result.seconds = time.perf_counter() - started
    return result


def _progress(console: Console) -> Progress:
    columns = (
        "[progress.description]{task.description}",
        BarColumn(),
        MofNCompleteColumn(),
        _EventsPerSecond(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _post(pool: urllib3.PoolManager, url: str, message: _Message) -> _Answer:
    """Post a message, again while the answer is 429 or 5xx or there is none; return the last answer."""
    body = json.dumps(message.body, ensure_ascii=False).encode()
    try:
        response = pool.request("POST", url, body=body, headers=message.headers)
    except urllib3.exceptions.MaxRetryError as error:
        return _Answer(NO_ANSWER, str(error.reason))
    return _Answer(response.status, response.data.decode(errors="replace"))


def _count(result: SendResult, message: _Message, answer: _Answer) -> None:
    result.statuses[answer.status] += 1
    if answer.status == ACCEPTED:
        result.accepted += 1
        result.events += message.events
        return
    result.failed += 1
    if len(result.failures) < SAMPLES:
        result.failures.append(f"{answer.status}: {answer.text[:SAMPLE_LENGTH]}")
