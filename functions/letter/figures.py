"""Makes the letter's figures of what Athena answers: totals, changes, and the few dishes worth a line."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

type Rows = list[dict[str, Any]]

DAYS = 7
LISTED_DISHES = 3
LISTED_HOURS = 3
LISTED_MENUS = 8
STRAY_SHARE = 0.01  # of the week's visits: a menu below it is a test or a mistake, and decides nothing


@dataclass
class Totals:
    """What a period brought; money by currency, '' where no order tells, never summed over currencies."""

    visits: int = 0
    visits_with_order: int = 0
    orders: int = 0
    revenue: dict[str, Decimal] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)  # with visits or orders

    def add(self, row: dict[str, Any]) -> None:
        """Add a row of statements/sales.sql."""
        self.visits += row["visits"]
        self.visits_with_order += row["visits_with_order"]
        self.orders += row["orders"]
        currency = row["currency"] or ""
        self.revenue[currency] = self.money(currency) + row["revenue"]
        if row["visits"] or row["orders"]:
            self.days.add(row["day"])

    def money(self, currency: str) -> Decimal:
        """Return the revenue in one currency."""
        return self.revenue.get(currency, Decimal())

    @property
    def share(self) -> float | None:
        """Return the share of the visits that order, None without visits."""
        return self.visits_with_order / self.visits if self.visits else None


@dataclass
class Comparison:
    """A week, and the week before it where the data cover that wholly, else None."""

    now: Totals = field(default_factory=Totals)
    before: Totals | None = None

    def both[Value](self, read: Callable[[Totals], Value]) -> tuple[Value, Value | None]:
        """Return what `read` takes of the week, and of the week before if that is compared."""
        return read(self.now), None if self.before is None else read(self.before)

    def currencies(self, first: str) -> list[str]:
        """Return the currencies of either week that have revenue, `first` before the others."""
        before = self.before.revenue if self.before else {}
        with_money = {code for code, amount in (*self.now.revenue.items(), *before.items()) if amount}
        return sorted(with_money, key=lambda code: (code != first, code == "", code))


@dataclass(frozen=True)
class Dish:
    """A dish of a menu; pieces ordered in the week and in the one before, and guests who looked at it."""

    name: str
    menu: str
    pieces: int
    pieces_before: int
    viewers: int

    @property
    def change(self) -> int:
        """Return how many pieces more were ordered than in the week before."""
        return self.pieces - self.pieces_before


@dataclass(frozen=True)
class Pair:
    """Two dishes of a menu, in how many orders together, and how many times as often as by chance."""

    names: tuple[str, str]
    menu: str
    orders: int
    lift: float


@dataclass(frozen=True)
class Health:
    """Events that arrived in the week, those rejected beside them, and the days on which none arrived."""

    events: int
    rejected: int
    silent_days: list[date]

    @property
    def rejected_share(self) -> float:
        """Return the share that was rejected of all that was sent."""
        return self.rejected / (self.events + self.rejected) if self.rejected else 0.0


@dataclass
class Figures:
    """All that the letter says of the week that begins on `first_day`."""

    first_day: date
    total: Comparison = field(default_factory=Comparison)
    menus: dict[str, Comparison] = field(default_factory=dict)  # those with most visits first
    visits_by_day: list[tuple[date, int]] = field(default_factory=list)
    busiest: list[tuple[date, int, int]] = field(default_factory=list)  # day, hour, visits
    gained: list[Dish] = field(default_factory=list)
    lost: list[Dish] = field(default_factory=list)
    never_ordered: list[Dish] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    health: Health = field(default_factory=lambda: Health(0, 0, []))
    weekdays: set[int] = field(default_factory=set)  # with visits or orders in the weeks before, 0 is Monday

    @property
    def last_day(self) -> date:
        """Return the last day of the week."""
        return self.first_day + timedelta(days=DAYS - 1)

    @property
    def has_data(self) -> bool:
        """Say whether the week has a visit or an order."""
        return bool(self.total.now.days)

    @classmethod
    def of_sales(cls, first_day: date, sales: Rows) -> Self:
        """Return the figures of statements/sales.sql: totals, menus, days and hours.

        The week before is compared only for menus that had visits or orders before it began, and in it: so
        the data cover it wholly. In total it is compared if that is so for each menu that is not stray.
        """
        figures = cls(first_day)
        before_day = first_day - timedelta(days=DAYS)
        known = {row["source_menu"] for row in sales if row["day"] < before_day and _is_used(row)}
        figures.weekdays = {row["day"].weekday() for row in sales if row["day"] < first_day and _is_used(row)}
        weeks: dict[str, Comparison] = {}
        befores: dict[str, Totals] = {}
        total_before = Totals()
        for row in sales:
            name = row["source_menu"]
            if row["day"] >= first_day:
                weeks.setdefault(name, Comparison()).now.add(row)
                figures.total.now.add(row)
            elif row["day"] >= before_day:
                befores.setdefault(name, Totals()).add(row)
                total_before.add(row)
        for name, before in befores.items():
            if name in known and before.days:
                weeks.setdefault(name, Comparison()).before = before
        deciding = [menu for menu in weeks.values() if not _is_stray(menu, figures.total.now)]
        if deciding and all(menu.before for menu in deciding):
            figures.total.before = total_before
        in_use = [(name, menu) for name, menu in weeks.items() if menu.now.days]
        in_use.sort(key=lambda item: (-item[1].now.visits, -item[1].now.orders, item[0]))
        figures.menus = dict(in_use)
        figures._add_times([row for row in sales if row["day"] >= first_day])
        return figures

    def add_dishes(self, rows: Rows) -> None:
        """Add statements/dishes.sql: dishes that gained and lost, and those looked at and never ordered.

        Nothing is never ordered on a menu whose page reports no orders.
        """
        dishes = [
            Dish(row["item"], row["source_menu"], row["pieces"], row["pieces_before"], row["viewers"])
            for row in rows
        ]
        compared = [
            dish for dish in dishes if (menu := self.menus.get(dish.menu)) is not None and menu.before
        ]
        ranked = sorted(compared, key=lambda dish: (-dish.change, -dish.pieces, dish.name, dish.menu))
        self.gained = [dish for dish in ranked if dish.change > 0][:LISTED_DISHES]
        ranked.sort(key=lambda dish: (dish.change, -dish.pieces_before, dish.name, dish.menu))
        self.lost = [dish for dish in ranked if dish.change < 0][:LISTED_DISHES]
        with_orders = {dish.menu for dish in dishes if dish.pieces}
        unordered = [
            dish for dish in dishes if not dish.pieces + dish.pieces_before and dish.menu in with_orders
        ]
        unordered.sort(key=lambda dish: (-dish.viewers, dish.name, dish.menu))
        self.never_ordered = unordered[:LISTED_DISHES]

    def add_pairs(self, rows: Rows) -> None:
        """Add statements/pairs.sql."""
        self.pairs = [
            Pair((row["item_a"], row["item_b"]), row["source_menu"], row["orders_together"], row["lift"])
            for row in rows
        ]

    def add_health(self, rows: Rows) -> None:
        """Add statements/health.sql.

        A silent day has neither an event that arrived nor one that came later. A day on whose weekday guests
        did not come before may be silent: the restaurant is closed then.
        """
        days = self.total.now.days | {row["day"] for row in rows if row["events"]}
        usual = self.weekdays or set(range(DAYS))
        week = [self.first_day + timedelta(days=number) for number in range(DAYS)]
        self.health = Health(
            sum(row["events"] for row in rows),
            sum(row["rejected"] for row in rows),
            [day for day in week if day not in days and day.weekday() in usual],
        )

    def _add_times(self, rows: Iterable[dict[str, Any]]) -> None:
        by_day = {self.first_day + timedelta(days=number): 0 for number in range(DAYS)}
        by_hour: dict[tuple[date, int], int] = {}
        for row in rows:
            by_day[row["day"]] += row["visits"]
            hour = (row["day"], row["hour"])
            by_hour[hour] = by_hour.get(hour, 0) + row["visits"]
        self.visits_by_day = list(by_day.items())
        ranked = sorted(by_hour.items(), key=lambda item: (-item[1], item[0]))
        self.busiest = [(day, hour, visits) for (day, hour), visits in ranked[:LISTED_HOURS] if visits]


def _is_used(row: dict[str, Any]) -> bool:
    return bool(row["visits"] or row["orders"])


def _is_stray(menu: Comparison, total: Totals) -> bool:
    return menu.now.visits + menu.now.orders < STRAY_SHARE * (total.visits + total.orders)
