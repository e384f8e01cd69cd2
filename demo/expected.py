"""What must come out of the pipeline when simulated requests are sent."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from demo.simulation import Request


@dataclass(frozen=True, slots=True)
class Expected:
    """Numbers of events, orders and money; `sent == unique + repeats + rejected`."""

    sent: int
    unique: int  # accepted events, each counted once, bots included
    repeats: int
    rejected: int
    bots: int  # of the unique events
    orders: int
    revenue: dict[str, Decimal]  # by currency


def expected_of(requests: Sequence[Request]) -> Expected:
    """Add up what must come out when `requests` are sent, each of them once."""
    accepted = [
        (request, event)
        for request in requests
        if not request.resent
        for position, event in enumerate(request.body["events"])
        if position not in request.rejected
    ]
    sales = [event for request, event in accepted if not request.from_bot and event["event_type"] == "order"]
    revenue: defaultdict[str, Decimal] = defaultdict(Decimal)
    for sale in sales:
        revenue[sale["currency"]] += Decimal(f"{sale['unit_price']:.2f}") * sale["quantity"]
    return Expected(
        sent=sum(len(request.body["events"]) for request in requests),
        unique=len(accepted),
        repeats=sum(len(request.body["events"]) for request in requests if request.resent),
        rejected=sum(len(request.rejected) for request in requests),
        bots=sum(request.from_bot for request, _ in accepted),
        orders=len({sale["order_id"] for sale in sales}),
        revenue=dict(sorted(revenue.items())),
    )
