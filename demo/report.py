"""The short report that an owner reads after the demo, and the questions to Athena that fill it."""

from collections.abc import Mapping
from decimal import Decimal
from io import StringIO

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from local.messages import plain

type Rows = list[dict[str, str]]  # as Athena returns them: every value a string, null left out

WIDTH = 80  # columns
HALF = (WIDTH - 4) // 2
BAR = 16  # columns of the longest bar
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Athena engine 3, on the views of athena/: what a visit or an order is, they say.
QUESTIONS: dict[str, str] = {
    "restaurants": """
        SELECT source_menu, sum(visits) AS visits, sum(orders) AS orders,
               CAST(sum(visits_with_order) AS double) / sum(visits) AS conversion
        FROM menu_comparison
        GROUP BY source_menu
        ORDER BY visits DESC, source_menu
        LIMIT 5
    """,
    "revenue": """
        SELECT source_menu, currency, sum(revenue) AS revenue
        FROM menu_comparison
        WHERE currency IS NOT NULL
        GROUP BY source_menu, currency
        ORDER BY source_menu, currency
    """,
    "most_viewed": """
        SELECT source_menu, item, sum(views) AS amount
        FROM item_performance
        GROUP BY source_menu, item
        HAVING sum(views) > 0
        ORDER BY amount DESC, source_menu, item
        LIMIT 5
    """,
    "most_ordered": """
        SELECT source_menu, item, sum(orders) AS amount
        FROM item_performance
        GROUP BY source_menu, item
        HAVING sum(orders) > 0
        ORDER BY amount DESC, source_menu, item
        LIMIT 5
    """,
    "never_ordered": """
        SELECT source_menu, item, sum(views) AS amount
        FROM item_performance
        WHERE source_menu IN (SELECT source_menu FROM menu_comparison WHERE orders > 0)
        GROUP BY source_menu, item
        HAVING sum(views) > 0 AND sum(orders) = 0
        ORDER BY amount DESC, source_menu, item
        LIMIT 5
    """,
    "hours": """
        SELECT hour, CAST(sum(visits) AS double) / count(DISTINCT day) AS visits
        FROM hourly_demand
        GROUP BY hour
        HAVING sum(visits) > 0
        ORDER BY visits DESC, hour
        LIMIT 12
    """,
    "weekdays": """
        SELECT weekday, CAST(sum(visits) AS double) / count(DISTINCT day) AS visits
        FROM hourly_demand
        WHERE day < (SELECT day FROM running_day)
        GROUP BY weekday
        ORDER BY weekday
    """,
}


def owner_report(answers: Mapping[str, Rows], *, styled: bool = False) -> str:
    """Return the report on `answers`, the rows of each of the `QUESTIONS` by its name.

    At most 80 columns wide and 40 lines high; `styled` adds a terminal's colours.
    """
    left = Group(
        _dishes("Looked at most", "views", answers["most_viewed"]),
        _dishes("Looked at, never ordered", "views", answers["never_ordered"]),
        _bars("Visits on such a day, on average", _by_weekday(answers["weekdays"])),
    )
    right = Group(
        _dishes("Ordered most", "orders", answers["most_ordered"]),
        _bars("Visits in such an hour, on average", _by_hour(answers["hours"])),
    )
    halves = Table.grid(padding=(0, 2))
    halves.add_row(left, right)
    console = Console(
        file=StringIO(), width=WIDTH, force_terminal=styled, color_system="standard" if styled else None
    )
    with console.capture() as capture:
        console.print(_restaurants(answers["restaurants"], answers["revenue"]), halves)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def closing_line(sent: int, queryable: int, repeats: int, rejected: int, lost: int) -> str:
    """Return the line that accounts for every event sent; queryable are those with an id of their own."""
    return f"sent {sent}, queryable {queryable}, repeats merged {repeats}, rejected {rejected}, lost {lost}"


def _amount(revenue: str) -> str:
    """Return money with two decimals, or the third if there is one."""
    return f"{Decimal(revenue):,.3f}".removesuffix("0")


def _restaurants(visits: Rows, revenue: Rows) -> Table:
    """Show a line for each restaurant; money of different currencies is not added up."""
    table = _table("Your restaurants", width=WIDTH)
    table.add_column("restaurant", ratio=1, min_width=20, no_wrap=True, overflow="ellipsis")
    for heading in ("visits", "orders", "visits that order", "revenue"):
        table.add_column(heading, justify="right")
    for row in visits:
        money = [
            f"{_amount(sale['revenue'])} {sale.get('currency', '')}"
            for sale in revenue
            if sale["source_menu"] == row["source_menu"]
        ]
        table.add_row(
            _text(row["source_menu"]),
            f"{int(row['visits']):,}",
            f"{int(row['orders']):,}",
            f"{float(row['conversion']):.0%}",
            Text(" +\n").join(map(_text, money)),
        )
    return table


def _dishes(title: str, unit: str, rows: Rows) -> Table:
    table = _table(title)
    table.add_column("dish", ratio=5, no_wrap=True, overflow="ellipsis")
    table.add_column("menu", style="dim", ratio=3, min_width=10, no_wrap=True, overflow="ellipsis")
    table.add_column(unit, justify="right")
    for row in rows:
        table.add_row(_text(row["item"]), _text(row["source_menu"]), f"{int(row['amount']):,}")
    return table


def _text(value: str) -> Text:
    """Return a cell that shows a text as it is, square brackets included."""
    return Text(plain(value))


def _bars(title: str, visits: Mapping[str, float]) -> Table:
    """Show a bar for each label, the longest for the largest number."""
    table = _table(title, show_header=False)
    table.add_column()
    table.add_column(style="cyan", ratio=1)
    table.add_column(justify="right")
    largest = max((1.0, *visits.values()))
    for label, amount in visits.items():
        table.add_row(label, "█" * round(BAR * amount / largest) or "▏", f"{amount:,.1f}")
    return table


def _by_hour(rows: Rows) -> dict[str, float]:
    visits = {int(row["hour"]): float(row["visits"]) for row in rows}
    return {f"{hour:02}:00": visits[hour] for hour in sorted(visits)}


def _by_weekday(rows: Rows) -> dict[str, float]:
    visits = {int(row["weekday"]): float(row["visits"]) for row in rows}
    return {name: visits.get(number, 0) for number, name in enumerate(WEEKDAYS, start=1)}


def _table(title: str, *, width: int = HALF, show_header: bool = True) -> Table:
    """Return a table without lines, under a title and followed by an empty line."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
        width=width,
        padding=(0, 2, 0, 0),
        show_header=show_header,
        caption=" ",
    )
