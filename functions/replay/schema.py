"""What a replay has to know of the transform's formats.

Copies of what functions/transform/event.py and envelope.py define; the contract tests hold them to it.
"""

MAX_EVENTS_PER_BATCH = 100
EVENT_ID_LENGTHS = range(8, 65)
EVENT_FIELDS = (
    "element_clicked",
    "source_menu",
    "created_at",
    "createdAt",
    "time_spent",
    "event_type",
    "event_id",
    "session_id",
    "quantity",
    "unit_price",
    "currency",
    "order_id",
    "category",
    "channel",
    "page",
    "referrer",
    "properties",
)
ENVELOPE_FIELDS = ("body", "request_id", "received_at")  # the ones that are always there
