"""What must come out when simulated requests are sent."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from demo.simulation import Request


@dataclass(frozen=True, slots=True)
class Truth:
    """What must come out of the pipeline; `sent == unique + repeats + refused`."""

    sent: int
    unique: int  # accepted events, each counted once, bots included
    repeats: int
    refused: int
    bots: int  # of the unique events
    orders: int
    revenue: dict[str, Decimal]  # by currency


def truth(requests: Sequence[Request]) -> Truth:
    """Add up what must come out when `requests` are sent, each of them once."""
    accepted = [
        (request, event)
        for request in requests
        if not request.resent
        for position, event in enumerate(request.body["events"])
        if position not in request.refused
    ]
    sold = [event for request, event in accepted if not request.from_bot and event["event_type"] == "order"]
    revenue: defaultdict[str, Decimal] = defaultdict(Decimal)
    for event in sold:
        revenue[event["currency"]] += Decimal(f"{event['unit_price']:.2f}") * event["quantity"]
    return Truth(
        sent=sum(len(request.body["events"]) for request in requests),
        unique=len(accepted),
        repeats=sum(len(request.body["events"]) for request in requests if request.resent),
        refused=sum(len(request.refused) for request in requests),
        bots=sum(request.from_bot for request, _ in accepted),
        orders=len({event["order_id"] for event in sold}),
        revenue=dict(sorted(revenue.items())),
    )
