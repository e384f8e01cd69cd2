import duckdb
import pytest
import sqlglot

from local.report import QUESTIONS, WEEKDAYS, WIDTH, Rows, closing_line, owner_report

TABLES = """
    CREATE TABLE events (event_type varchar, session_id varchar, order_id varchar, source_menu varchar,
                         local_time timestamp, revenue decimal(14,2), currency varchar);
    INSERT INTO events VALUES
        ('menu_view', 's1', NULL, 'roma', '2026-11-16 12:05:00', NULL, NULL),
        ('order',     's1', 'o1', 'roma', '2026-11-16 12:09:00', 10.50, 'EUR'),
        ('order',     's1', 'o1', 'roma', '2026-11-16 12:09:00', 1234.00, 'EUR'),
        ('menu_view', 's2', NULL, 'roma', '2026-11-16 19:00:00', NULL, NULL),
        ('menu_view', 's3', NULL, 'roma', '2026-11-22 19:30:00', NULL, NULL),
        ('order',     's4', 'o2', 'zoe',  '2026-11-22 19:59:00', 4.80, 'CHF'),
        ('click',     NULL, NULL, 'old',  '2022-09-11 23:00:00', NULL, NULL);
    CREATE TABLE item_performance (source_menu varchar, element_clicked varchar, day date, views bigint,
                                   orders bigint, revenue decimal(38,2));
    INSERT INTO item_performance VALUES
        ('roma', 'margherita', '2026-11-16', 5, 1, 10.50),
        ('roma', 'margherita', '2026-11-22', 4, 0, NULL),
        ('roma', 'barolo',     '2026-11-16', 3, 1, 1234.00),
        ('roma', 'bistecca',   '2026-11-16', 2, 0, NULL),
        ('roma', 'bistecca',   '2026-11-22', 6, 0, NULL),
        ('zoe',  'cafe',       '2026-11-22', 0, 3, 4.80),
        ('old',  'entree_1',   '2022-09-11', 0, 0, NULL);
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
        {"source_menu": "roma", "currency": "EUR", "revenue": "1244.50"},
        {"source_menu": "zoe", "currency": "CHF", "revenue": "4.80"},
    ]


@pytest.mark.parametrize(
    ("question", "dishes"),
    [
        ("most_viewed", [("margherita", "9"), ("bistecca", "8"), ("barolo", "3")]),
        ("most_ordered", [("cafe", "3"), ("barolo", "1"), ("margherita", "1")]),
        ("never_ordered", [("bistecca", "8")]),
    ],
)
def test_dishes(answers: dict[str, Rows], question: str, dishes: list[tuple[str, str]]) -> None:
    assert [(row["element_clicked"], row["amount"]) for row in answers[question]] == dishes


def test_times_count_each_visit_once(answers: dict[str, Rows]) -> None:
    assert answers["hours"] == [{"hour": "19", "visits": "3"}, {"hour": "12", "visits": "1"}]
    assert answers["weekdays"] == [{"weekday": "1", "visits": "2"}, {"weekday": "7", "visits": "2"}]


def test_the_report_says_what_was_found(answers: dict[str, Rows]) -> None:
    lines = [" ".join(line.split()) for line in owner_report(answers).splitlines()]
    assert "roma 3 1 33% 1,244.50 EUR" in lines
    assert "zoe 1 1 100% 4.80 CHF" in lines
    assert "margherita roma 9 cafe zoe 3" in lines
    page = "\n".join(lines)
    assert page.index("12:00") < page.index("19:00")
    assert all(day in page for day in WEEKDAYS)


def test_money_of_two_currencies_is_not_added_up(answers: dict[str, Rows]) -> None:
    answers["revenue"].append({"source_menu": "roma", "currency": "USD", "revenue": "2.00"})
    assert "1,244.50 EUR + 2.00 USD" in owner_report(answers)


def test_the_report_fits_a_terminal(answers: dict[str, Rows]) -> None:
    long = {"source_menu": "r" * 128, "element_clicked": "d" * 128, "amount": "123456", "conversion": "1"}
    full = {
        "restaurants": [long | {"visits": "1234567", "orders": "1234567"}] * 5,
        "revenue": [],
        "most_viewed": [long] * 5,
        "most_ordered": [long] * 5,
        "never_ordered": [long] * 5,
        "hours": [{"hour": str(hour), "visits": "100000"} for hour in range(12)],
        "weekdays": answers["weekdays"],
    }
    lines = owner_report(full).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) <= 40


def test_nothing_measured_is_no_error() -> None:
    assert "Monday" in owner_report({question: [] for question in QUESTIONS})


def test_colours_are_for_terminals(answers: dict[str, Rows]) -> None:
    assert "\x1b[" not in owner_report(answers)
    assert "\x1b[" in owner_report(answers, styled=True)


def test_closing_line() -> None:
    line = closing_line(sent=100, queryable=93, repeats=2, refused=3, lost=2)
    assert line == "sent 100, queryable 93, repeats merged 2, refused 3, lost 2"
