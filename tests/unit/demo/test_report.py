import duckdb
import pytest
import sqlglot

from demo.report import QUESTIONS, WEEKDAYS, WIDTH, Rows, closing_line, owner_report

TABLES = """
    CREATE TABLE menu_comparison (source_menu varchar, visits bigint, orders bigint, visits_with_order bigint,
                                  revenue decimal(38,3), currency varchar);
    INSERT INTO menu_comparison VALUES
        ('roma', 2, 1, 1, 1244.50, 'EUR'),
        ('roma', 1, 0, 0, 0.00, NULL),
        ('zoe',  1, 1, 1, 4.80, 'CHF');
    CREATE TABLE running_day (day date);
    INSERT INTO running_day VALUES ('2026-11-23');
    CREATE TABLE hourly_demand (day date, weekday bigint, hour bigint, visits bigint);
    INSERT INTO hourly_demand VALUES
        ('2026-11-15', 7, 19, 3), ('2026-11-15', 7, 13, 0),
        ('2026-11-16', 1, 12, 1), ('2026-11-16', 1, 19, 1),
        ('2026-11-22', 7, 19, 2), ('2026-11-23', 1, 12, 8);
    CREATE TABLE item_performance (source_menu varchar, item varchar, day date, views bigint, orders bigint);
    INSERT INTO item_performance VALUES
        ('roma', 'Margherita', '2026-11-16', 5, 1),
        ('roma', 'Margherita', '2026-11-22', 4, 0),
        ('roma', 'Barolo',     '2026-11-16', 3, 1),
        ('roma', 'Bistecca',   '2026-11-16', 2, 0),
        ('roma', 'Bistecca',   '2026-11-22', 6, 0),
        ('zoe',  'Café',       '2026-11-22', 0, 3),
        ('old',  'entree_1',   '2022-09-11', 0, 0);
"""


@pytest.fixture
def answers() -> dict[str, Rows]:
    """Ask DuckDB the questions; answer as Athena does, in strings and with null left out."""
    connection = duckdb.connect()
    connection.execute(TABLES)
    found = {}
    for name, question in QUESTIONS.items():
        cursor = connection.execute(sqlglot.transpile(question, read="athena", write="duckdb")[0])
        columns = [column[0] for column in cursor.description]
        found[name] = [
            {column: str(value) for column, value in zip(columns, row, strict=True) if value is not None}
            for row in cursor.fetchall()
        ]
    return found


def test_restaurants(answers: dict[str, Rows]) -> None:
    assert [(row["source_menu"], row["visits"], row["orders"]) for row in answers["restaurants"]] == [
        ("roma", "3", "1"),
        ("zoe", "1", "1"),
    ]
    assert float(answers["restaurants"][0]["conversion"]) == pytest.approx(1 / 3)


def test_revenue_is_by_currency(answers: dict[str, Rows]) -> None:
    assert answers["revenue"] == [
        {"source_menu": "roma", "currency": "EUR", "revenue": "1244.500"},
        {"source_menu": "zoe", "currency": "CHF", "revenue": "4.800"},
    ]


@pytest.mark.parametrize(
    ("question", "dishes"),
    [
        ("most_viewed", [("Margherita", "9"), ("Bistecca", "8"), ("Barolo", "3")]),
        ("most_ordered", [("Café", "3"), ("Barolo", "1"), ("Margherita", "1")]),
        ("never_ordered", [("Bistecca", "8")]),
    ],
)
def test_dishes(answers: dict[str, Rows], question: str, dishes: list[tuple[str, str]]) -> None:
    assert [(row["item"], row["amount"]) for row in answers[question]] == dishes


def test_times_are_averages_of_such_times(answers: dict[str, Rows]) -> None:
    """Of sixteen days three are Saturdays and two Mondays, so sums made Saturdays look busier."""
    assert answers["hours"] == [{"hour": "12", "visits": "4.5"}, {"hour": "19", "visits": "2.0"}]
    assert answers["weekdays"] == [{"weekday": "1", "visits": "2.0"}, {"weekday": "7", "visits": "2.5"}]


def test_the_report_says_what_was_found(answers: dict[str, Rows]) -> None:
    lines = [" ".join(line.split()) for line in owner_report(answers).splitlines()]
    assert "roma 3 1 33% 1,244.50 EUR" in lines
    assert "zoe 1 1 100% 4.80 CHF" in lines
    assert "Margherita roma 9 Café zoe 3" in lines
    page = "\n".join(lines)
    assert page.index("12:00") < page.index("19:00")
    assert all(day in page for day in WEEKDAYS)


def test_money_of_two_currencies_is_not_added_up(answers: dict[str, Rows]) -> None:
    answers["revenue"].append({"source_menu": "roma", "currency": "USD", "revenue": "2.00"})
    assert "1,244.50 EUR + 2.00 USD" in " ".join(owner_report(answers).split())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Soup [/vegan]", "Soup [/vegan]"),
        ("Pizza [large]", "Pizza [large]"),
        ("[red]hot[/]", "[red]hot[/]"),
        ("a\x1b]0;title\x07b", "a�]0;title�b"),
        ("a\x9b31mb", "a�31mb"),
        ("a\nb\rc", "a�b�c"),
        ("a\u202eb", "a�b"),
        ("👨\u200d🍳 menu", "👨\u200d🍳 menu"),
        ("Pizza\u00a0piccante", "Pizza\u00a0piccante"),
    ],
)
@pytest.mark.parametrize("styled", [False, True])
def test_a_name_is_text(answers: dict[str, Rows], name: str, shown: str, styled: bool) -> None:
    answers["most_viewed"][0] |= {"item": name, "source_menu": name[:8]}
    answers["restaurants"][0]["source_menu"] = name
    report = owner_report(answers, styled=styled)
    assert report.count(shown) >= 2
    assert not set(report.replace("\n", "")) & (set(map(chr, range(32))) - {"\x1b"} | {"\x9b", "\u202e"})
    assert "\x1b]" not in report


def test_the_report_fits_a_terminal(answers: dict[str, Rows]) -> None:
    long = {"source_menu": "r" * 128, "item": "d" * 128, "amount": "123456", "conversion": "1"}
    full = {
        "restaurants": [long | {"visits": "1234567", "orders": "1234567"}] * 5,
        "revenue": [],
        "most_viewed": [long] * 5,
        "most_ordered": [long] * 5,
        "never_ordered": [long] * 5,
        "hours": [{"hour": str(hour), "visits": "100000.25"} for hour in range(12)],
        "weekdays": answers["weekdays"],
    }
    lines = owner_report(full).splitlines()
    assert max(map(len, lines)) <= WIDTH == 80
    full["restaurants"] = [{"source_menu": "roma", "visits": "12345", "orders": "999", "conversion": "0.4"}]
    full["revenue"] = [
        {"source_menu": "roma", "revenue": "1234567.5", "currency": currency} for currency in ("EUR", "CHF")
    ]
    assert "roma " in owner_report(full)
    assert max(map(len, owner_report(full).splitlines())) <= WIDTH
    assert len(lines) <= 40


def test_nothing_measured_is_no_error() -> None:
    assert "Monday" in owner_report({question: [] for question in QUESTIONS})


def test_colours_are_for_terminals(answers: dict[str, Rows]) -> None:
    assert "\x1b[" not in owner_report(answers)
    assert "\x1b[" in owner_report(answers, styled=True)


def test_closing_line() -> None:
    line = closing_line(sent=100, queryable=93, repeats=2, rejected=3, lost=2)
    assert line == "sent 100, queryable 93, repeats merged 2, rejected 3, lost 2"
