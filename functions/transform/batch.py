"""One invocation's records, their answers, and what was refused."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import Decoder, Encoder
from pybase64 import b64decode, b64encode_as_string

from clock import Clock
from envelope import body_of, open_record, open_single
from event import MAX_EVENTS_PER_BATCH, Refused, Row
from reasons import RefusedError, explain
from rows import Request, complete, event_id_of, request_of

# Lambda answers with at most 6 MB; 200 bytes cover a record's id, result and punctuation.
RESPONSE_LIMIT = 6_000_000
ANSWER_OVERHEAD = 200

_decode_row = Decoder(Row).decode
_encode_lines = Encoder().encode_lines  # of lists: msgspec 0.22 leaks an iterator for any other sequence


class _Id(Struct, gc=False):
    event_id: str | None = None


_decode_id = Decoder(_Id).decode


class Batch:
    """Takes the records of one invocation, keeps the answers in their order, and counts."""

    def __init__(self, clock: Clock) -> None:
        self.answers: list[dict[str, str]] = []
        self.refused: dict[str, list[Refused]] = {}  # by recordId
        self.unreadable: Counter[str] = Counter()  # by class of error
        self.events = self.bots = self.clocks_adjusted = self.bytes = 0  # of what is delivered
        self._clock = clock
        self._size = 0
        # Of the same records: the number of events delivered, their request, and the bytes of their rows.
        self._beside_refused: list[tuple[int, Request, int]] = []

    def add(self, record: dict[str, Any]) -> None:
        """Answer one Firehose record; whatever it holds, nothing is raised and every event is kept once."""
        record_id = record["recordId"]
        try:
            rows, refused, request = self._transform(record)
            lines = _encode_lines(rows)
        except Exception as error:  # one record must not fail the others, whatever is wrong with it
            self._hand_back(record_id, type(error).__name__)
            return
        size = len(lines) * 4 // 3 + ANSWER_OVERHEAD
        if self._size + size > RESPONSE_LIMIT:
            self._hand_back(record_id, "ResponseTooLarge")
            return
        self._size += size
        if rows:
            self.answers.append({"recordId": record_id, "result": "Ok", "data": b64encode_as_string(lines)})
        else:
            self.answers.append({"recordId": record_id, "result": "Dropped"})
        self.events += len(rows)
        self.bots += len(rows) * request.is_bot
        self.clocks_adjusted += request.clocks_adjusted
        self.bytes += len(lines)
        if refused:
            self.refused[record_id] = refused
            self._beside_refused.append((len(rows), request, len(lines)))

    def refused_lines(self) -> bytes:
        """Return every refused event as a JSON line."""
        return _encode_lines([event for events in self.refused.values() for event in events])

    def rejected_by_reason(self) -> Counter[str]:
        """Return how many events were refused for each code of a reason."""
        return Counter(event.reason.partition(":")[0] for events in self.refused.values() for event in events)

    def fail_refused(self) -> None:
        """Hand the records with refused events back to Firehose, which keeps them whole."""
        for answer in self.answers:
            if answer["recordId"] in self.refused:
                answer["result"] = "ProcessingFailed"
                answer.pop("data", None)
        for events, request, size in self._beside_refused:
            self.events -= events
            self.bots -= events * request.is_bot
            self.clocks_adjusted -= request.clocks_adjusted
            self.bytes -= size
        self.unreadable["RejectedNotStored"] += len(self.refused)
        self.refused.clear()

    def _hand_back(self, record_id: str, why: str) -> None:
        self.unreadable[why] += 1
        self._size += ANSWER_OVERHEAD
        self.answers.append({"recordId": record_id, "result": "ProcessingFailed"})

    def _transform(self, record: dict[str, Any]) -> tuple[list[Row], list[Refused], Request]:
        data = b64decode(record["data"], validate=True)
        if single := open_single(data):
            request = request_of(single, self._clock)
            try:
                complete(single.body, 0, request, self._clock)
            except RefusedError:
                pass  # from the text again, which is what is kept of a refused event
            else:
                return [single.body], [], request
        envelope, events = open_record(data, record["recordId"], record["approximateArrivalTimestamp"])
        request = request_of(envelope, self._clock)
        if not 1 <= len(events) <= MAX_EVENTS_PER_BATCH:
            reason = f"length: expected 1 to {MAX_EVENTS_PER_BATCH} events, got {len(events)}"
            return [], [_refused(body_of(data), 0, request, reason, "events")], request
        return *self._transform_each(events, request), request

    def _transform_each(self, events: Sequence[Raw], request: Request) -> tuple[list[Row], list[Refused]]:
        rows, refused = [], []
        for position, raw in enumerate(events):
            try:
                row = _decode_row(raw)
                complete(row, position, request, self._clock)
            except RefusedError as error:
                refused.append(_refused(raw, position, request, error.reason, error.field))
            except MsgspecError as error:
                refused.append(_refused(raw, position, request, *explain(str(error))))
            else:
                rows.append(row)
        return rows, refused


def _refused(raw: Raw, position: int, request: Request, reason: str, field: str | None) -> Refused:
    try:
        event_id = _decode_id(raw).event_id
    except MsgspecError:
        event_id = None
    return Refused(
        request.arrival.time.replace(tzinfo=None).isoformat(" ", "milliseconds"),
        request.arrival.day,
        request.request_id,
        request.arrival.imported,
        event_id_of(event_id, request, position),
        reason,
        field,
        bytes(raw).decode(),
    )
