"""One invocation's records, their answers, and what was refused."""

from collections import Counter
from typing import Any

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import Decoder, Encoder
from pybase64 import b64decode, b64encode

from clock import BadTimeError, Clock
from envelope import events_of, open_record
from event import MAX_EVENTS_PER_BATCH, Event, Refused, Row
from refusal import explain
from rows import Origin, event_id_of, origin_of, row_of

# Lambda answers with at most 6 MB; 200 bytes cover a record's id, result and punctuation.
RESPONSE_LIMIT = 6_000_000
ANSWER_OVERHEAD = 200

_decode_event = Decoder(Event).decode
_encode_lines = Encoder(decimal_format="number").encode_lines


class _Id(Struct, gc=False):
    event_id: str | None = None


_decode_id = Decoder(_Id).decode


class Batch:
    """Takes the records of one invocation and keeps the answers in their order."""

    def __init__(self, clock: Clock) -> None:
        self.answers: list[dict[str, str]] = []
        self.refused: dict[str, list[Refused]] = {}  # by recordId
        self.unreadable: Counter[str] = Counter()  # by class of error
        self.counts = dict.fromkeys(("Records", "Events", "Bots", "ClockAdjusted", "Bytes"), 0)
        self._clock = clock
        self._size = 0

    def add(self, record: dict[str, Any]) -> None:
        """Answer one Firehose record; whatever it holds, nothing is raised and every event is kept once."""
        record_id = record["recordId"]
        self.counts["Records"] += 1
        try:
            rows, refused = self._transform(record)
            lines = _encode_lines(rows)
        except Exception as error:  # one record must not fail the others, whatever is wrong with it
            self.unreadable[type(error).__name__] += 1
            self.answers.append({"recordId": record_id, "result": "ProcessingFailed"})
            return
        data = b64encode(lines).decode()
        self._size += len(data) + ANSWER_OVERHEAD
        if self._size > RESPONSE_LIMIT:
            self._size -= len(data)
            self.unreadable["ResponseTooLarge"] += 1
            self.answers.append({"recordId": record_id, "result": "ProcessingFailed"})
            return
        if refused:
            self.refused[record_id] = refused
        if rows:
            self.answers.append({"recordId": record_id, "result": "Ok", "data": data})
        else:
            self.answers.append({"recordId": record_id, "result": "Dropped"})
        self._count(rows, len(lines))

    def refused_lines(self) -> bytes:
        """Return every refused event as a JSON line."""
        return _encode_lines([event for events in self.refused.values() for event in events])

    def fail_refused(self) -> None:
        """Hand the records with refused events back to Firehose, which keeps them whole."""
        for answer in self.answers:
            if answer["recordId"] in self.refused:
                answer["result"] = "ProcessingFailed"
                answer.pop("data", None)

    def _transform(self, record: dict[str, Any]) -> tuple[list[Row], list[Refused]]:
        data = b64decode(record["data"], validate=True)
        request = open_record(data, record["recordId"], record["approximateArrivalTimestamp"])
        origin = origin_of(request, self._clock)
        events = events_of(request.body)
        if not 1 <= len(events) <= MAX_EVENTS_PER_BATCH:
            reason = f"length: expected 1 to {MAX_EVENTS_PER_BATCH} events, got {len(events)}"
            return [], [_refused(request.body, 0, origin, reason, "events")]
        rows, refused = [], []
        for position, raw in enumerate(events):
            try:
                rows.append(row_of(_decode_event(raw), position, origin, self._clock))
            except BadTimeError as error:
                refused.append(_refused(raw, position, origin, str(error), "created_at"))
            except MsgspecError as error:
                refused.append(_refused(raw, position, origin, *explain(str(error))))
        return rows, refused

    def _count(self, rows: list[Row], size: int) -> None:
        self.counts["Events"] += len(rows)
        self.counts["Bytes"] += size
        if rows and rows[0].is_bot:
            self.counts["Bots"] += len(rows)
        self.counts["ClockAdjusted"] += sum(row.clock_adjusted for row in rows)


def _refused(raw: Raw, position: int, origin: Origin, reason: str, field: str | None) -> Refused:
    try:
        event_id = _decode_id(raw).event_id
    except MsgspecError:
        event_id = None
    return Refused(
        origin.received_at,
        origin.request_id,
        event_id_of(event_id, origin, position),
        reason,
        field,
        bytes(raw).decode(),
    )
