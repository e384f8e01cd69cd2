import pytest

from demo import fill
from demo.expected import Expected
from demo.fill import Counts, Sent, lost_events, wait_until_queryable

# Twelve events: two sent one by one, seven good ones, a repeat of one of them, and two bad ones.
SENT = Sent(
    payloads=2,
    simulated=Expected(sent=10, unique=7, repeats=1, rejected=2, bots=0, orders=0, revenue={}),
    failures=[],
)


@pytest.mark.parametrize(
    ("counts", "lost"),
    [
        (Counts(stored=10, queryable=9, rejected=2), 0),
        (Counts(stored=9, queryable=8, rejected=2), 1),
        (Counts(stored=10, queryable=9, rejected=0), 2),
        (Counts(stored=12, queryable=8, rejected=2), 1),  # repeats do not make up for an event
        (Counts(stored=9, queryable=8, rejected=3), 1),  # neither do events rejected by mistake
        (Counts(stored=0, queryable=0, rejected=0), 11),
    ],
)
def test_every_event_missing_is_lost_whatever_came_twice(counts: Counts, lost: int) -> None:
    assert SENT.events == 12
    assert lost_events(SENT, counts) == lost


def test_the_counts_are_asked_for_until_all_events_have_come() -> None:
    rows = iter([("3", "3", "0"), ("9", "9", "2"), ("10", "9", "2"), ("99", "99", "99")])

    def ask(sql: str) -> list[dict[str, str]]:
        return [dict(zip(("stored", "queryable", "rejected"), next(rows), strict=True))]

    assert wait_until_queryable(ask, 12) == Counts(10, 9, 2)


def test_waiting_for_a_lost_event_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill, "DELIVERY_SECONDS", 0)
    counts = wait_until_queryable(lambda sql: [{"stored": "9", "queryable": "9", "rejected": "2"}], 12)
    assert counts == Counts(9, 9, 2)
