"""What the variants are measured on: Firehose batches of up to 1 MB, of events as menu pages send them."""

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

BATCH_BYTES = 1_000_000  # of records, before base64; Firehose's default for a transformation
EVENT_BYTES = 440
EVENTS_PER_SESSION = 6
SHARE_BAD = 0.02
SHARE_BOTS = 0.02
START = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
PHONES = [
    f"Mozilla/5.0 (Linux; Android {release}; {model}) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/{version}.0.0.0 Mobile Safari/537.36"
    for release in (13, 14, 15)
    for model in ("Pixel 8", "Pixel 9", "SM-S921B", "SM-A556B", "2312DRA50G")
    for version in range(138, 143)
]
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
TYPES = ("menu_view", "item_view", "item_view", "click", "add_to_cart", "order")


def batches(seed: int, per_record: int, count: int) -> list[dict[str, Any]]:
    """Return `count` events with which Firehose calls the transform, `per_record` menu events in a record."""
    rng = random.Random(seed)  # noqa: S311  # a benchmark's data
    return [_batch(rng, per_record) for _ in range(count)]


def _batch(rng: random.Random, per_record: int) -> dict[str, Any]:
    records: list[dict[str, Any]] = []
    size = 0
    visitors = [
        (
            f"203.0.{rng.randrange(113)}.{rng.randrange(1, 256)}",
            BOT if rng.random() < SHARE_BOTS else rng.choice(PHONES),
            _uuid(rng),
        )
        for _ in range(BATCH_BYTES // EVENT_BYTES // EVENTS_PER_SESSION)
    ]
    while True:
        data = json.dumps(
            _request(rng, per_record, *rng.choice(visitors)), ensure_ascii=False, separators=(",", ":")
        ).encode()
        size += len(data)
        if size > BATCH_BYTES:
            break
        records.append(
            {
                "recordId": f"{rng.getrandbits(180):056d}",
                "approximateArrivalTimestamp": _milliseconds(START + timedelta(minutes=30)),
                "data": base64.b64encode(data).decode(),
            }
        )
    return {
        "invocationId": f"{rng.getrandbits(128):032x}",
        "deliveryStreamArn": "arn:aws:firehose:eu-central-1:000000000000:deliverystream/menulens",
        "region": "eu-central-1",
        "records": records,
    }


def _request(
    rng: random.Random, per_record: int, address: str, user_agent: str, session_id: str
) -> dict[str, Any]:
    session_ids = [session_id] + [_uuid(rng) for _ in range(per_record // EVENTS_PER_SESSION)]
    events = [_event(rng, session_ids[number // EVENTS_PER_SESSION]) for number in range(per_record)]
    return {
        "body": events[0] if per_record == 1 else {"events": events},
        "request_id": _uuid(rng),
        "received_at": _milliseconds(START + timedelta(minutes=rng.uniform(10, 30))),
        "ip": address,
        "user_agent": base64.b64encode(user_agent.encode()).decode(),
    }


def _event(rng: random.Random, session_id: str) -> dict[str, Any]:
    kind = rng.choice(TYPES)
    dish = rng.randrange(60)
    created_at = START + timedelta(seconds=rng.uniform(0, 600))
    event: dict[str, Any] = {
        "element_clicked": f"pizza_{dish}",
        "source_menu": "trattoria-roma",
        "created_at": created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time_spent": round(rng.uniform(1, 60), 1),
        "event_type": kind,
        "event_id": _uuid(rng),
        "session_id": session_id,
    }
    if kind == "order":
        event |= {
            "quantity": rng.randint(1, 4),
            "unit_price": rng.randrange(400, 3000) / 100,
            "currency": "EUR",
            "order_id": _uuid(rng),
        }
    event |= {
        "category": "pizza",
        "channel": "qr",
        "page": "/menu/dinner?from=table-card&season=winter",
        "referrer": "https://www.google.com/",
        "properties": {"table": str(rng.randrange(40)), "language": "it-IT"},
    }
    if rng.random() < SHARE_BAD:
        event |= rng.choice([{"time_spent": -1}, {"created_at": "yesterday"}, {"colour": "red"}])
    return event


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def _uuid(rng: random.Random) -> str:
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
