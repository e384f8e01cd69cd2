"""One invocation's records, their answers, and what was rejected."""

from collections import Counter
from typing import Any

from msgspec.json import Encoder
from pybase64 import b64encode_as_string

from clock import Clock
from event import RejectedEvent
from record import transform
from rows import Request

# Lambda answers with at most 6 MB; 200 bytes cover a record's id, result and punctuation.
RESPONSE_LIMIT = 6_000_000
ANSWER_OVERHEAD = 200

_encode_lines = Encoder().encode_lines  # of lists: msgspec 0.22 leaks an iterator for any other sequence


class Batch:
    """Takes the records of one invocation, keeps the answers in their order, and counts."""

    def __init__(self, clock: Clock) -> None:
        self.answers: list[dict[str, str]] = []
        self.rejected: dict[str, list[RejectedEvent]] = {}  # by recordId
        self.failed: Counter[str] = Counter()  # records, by class of error
        self.events = self.bots = self.guests = self.clocks_adjusted = self.bytes = 0  # of what is delivered
        self._clock = clock
        self._size = 0
        # Of records with rejected events: number of events delivered, their request, bytes of their rows.
        self._delivered_beside: list[tuple[int, Request, int]] = []

    def add(self, record: dict[str, Any]) -> None:
        """Answer one Firehose record; whatever it holds, nothing is raised and every event is kept once."""
        record_id = record["recordId"]
        try:
            rows, rejected, request = transform(record, self._clock)
            lines = _encode_lines(rows)
        except Exception as error:  # one record must not fail the others, whatever is wrong with it
            self._fail(record_id, type(error).__name__)
            return
        size = len(lines) * 4 // 3 + ANSWER_OVERHEAD
        if self._size + size > RESPONSE_LIMIT:
            self._fail(record_id, "ResponseTooLarge")
            return
        self._size += size
        if rows:
            self.answers.append({"recordId": record_id, "result": "Ok", "data": b64encode_as_string(lines)})
        else:
            self.answers.append({"recordId": record_id, "result": "Dropped"})
        self.events += len(rows)
        self.bots += request.bots
        self.guests += request.guests
        self.clocks_adjusted += request.clocks_adjusted
        self.bytes += len(lines)
        if rejected:
            self.rejected[record_id] = rejected
            self._delivered_beside.append((len(rows), request, len(lines)))

    def rejected_lines(self) -> bytes:
        """Return every rejected event as a JSON line."""
        return _encode_lines([event for events in self.rejected.values() for event in events])

    def rejected_by_reason(self) -> Counter[str]:
        """Return how many events were rejected for each code of a reason."""
        return Counter(
            event.reason.partition(":")[0] for events in self.rejected.values() for event in events
        )

    def fail_rejected(self) -> None:
        """Fail the records with rejected events; Firehose then keeps them whole."""
        for answer in self.answers:
            if answer["recordId"] in self.rejected:
                answer["result"] = "ProcessingFailed"
                answer.pop("data", None)
        for events, request, size in self._delivered_beside:
            self.events -= events
            self.bots -= request.bots
            self.guests -= request.guests
            self.clocks_adjusted -= request.clocks_adjusted
            self.bytes -= size
        self.failed["RejectedNotStored"] += len(self.rejected)
        self.rejected.clear()

    def _fail(self, record_id: str, cause: str) -> None:
        self.failed[cause] += 1
        self._size += ANSWER_OVERHEAD
        self.answers.append({"recordId": record_id, "result": "ProcessingFailed"})
