"""An import reads files as tills, spreadsheets and people write them, and tells what it cannot read."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.imports import GOOD, HEADER, Stack, rejected, write
from tools.backfill.__main__ import main
from tools.backfill.guess import date_format_of, decimal_of, encoding_of


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_told(stack: Stack, tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = ["element_clicked,source_menu,created_at,unit_price", 'Käse,Brötchen,2026-11-22 19:04,"10,5"'] * 1
    lines += ["Rösti,Brötchen,2026-11-22 19:04,9.5"] * 20
    text = "\r\n".join(lines).replace('"10,5"', "10.5").replace(",", delimiter)
    assert main([str(write(tmp_path / "x.csv", text, encoding))]) == 0
    assert [event["element_clicked"] for event in stack.events] == ["Käse"] + ["Rösti"] * 20
    assert stack.events[0]["unit_price"] == 10.5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_excels_line_of_the_delimiter_is_read_over(
    stack: Stack, tmp_path: Path, encoding: str, first: str
) -> None:
    """It was taken for the header: "no column is element_clicked"."""
    lines = [first, "element_clicked;source_menu;created_at", "Käse;m;2026-11-22 19:04", "Käse;m;never"]
    file = write(tmp_path / "x.csv", "\r\n".join(lines) + "\r\n", encoding)
    assert main([str(file)]) == 1
    assert [event["element_clicked"] for event in stack.events] == ["Käse"]
    assert [row["line"] for row in rejected(file)] == ["4"]


def test_a_dish_may_be_called_as_excels_line(stack: Stack, tmp_path: Path) -> None:
    text = "element_clicked,source_menu,created_at\nsep=;,m,2026-11-22 19:04\n"
    assert main([str(write(tmp_path / "x.csv", text))]) == 0
    assert stack.events[0]["element_clicked"] == "sep=;"


def test_an_encoding_by_name_that_is_wrong_is_told_with_the_line(tmp_path: Path, capsys: Any) -> None:
    file = write(tmp_path / "x.csv", HEADER + GOOD * 3000 + GOOD.replace("pizza", "Käse"), "latin-1")
    assert main([str(file), "--encoding", "utf-8", "--dry-run"]) == 2
    assert "--encoding" in capsys.readouterr().err
    assert main([str(file), "--dry-run"]) == 0


def test_date_and_time_in_two_columns(stack: Stack, tmp_path: Path) -> None:
    text = "element_clicked;source_menu;Tag;Uhr\n" + "pizza;m;22.11.2026;19:04\n" * 5
    file = write(tmp_path / "x.csv", text)
    assert main([str(file), "--rename", "Tag+Uhr=created_at"]) == 0
    assert stack.events[0]["created_at"] == "2026-11-22 19:04:00"


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["2026-11-22 19:04", "2026–11–22"], None),
        (["22.11.2026 19:04", "2026-11-22"], "%d.%m.%Y %H:%M"),
        (["11/22/2026 7:04 PM"], "%m/%d/%Y %I:%M %p"),
        (["01/02/2026", "22/02/2026"], "%d/%m/%Y"),
        (["11-05-2026 19:04", "11-22-2026 19:04"], "%m-%d-%Y %H:%M"),
        (["22/11/2026", "05/11/2026 19:04"], "%d/%m/%Y"),  # the second is rejected with its line
        (["yesterday", ""], None),
    ],
)
def test_formats_of_dates(cells: list[str], form: str | None) -> None:
    assert date_format_of(cells) == form


def test_a_day_that_may_be_the_month_is_not_guessed(tmp_path: Path, capsys: Any) -> None:
    file = write(tmp_path / "x.csv", HEADER + GOOD.replace("2026-11-22 19:04:00", "05/11/2026"))
    assert main([str(file), "--dry-run"]) == 2
    assert "05/11/2026 can be of two days" in capsys.readouterr().err
    assert main([str(file), "--dry-run", "--date-format", "%d/%m/%Y"]) == 0
    write(file, HEADER + GOOD.replace("2026-11-22 19:04:00", "05-11-2026 19:04"))
    assert main([str(file), "--dry-run"]) == 2
    assert "'%d-%m-%Y %H:%M' or '%m-%d-%Y %H:%M'" in capsys.readouterr().err


@pytest.mark.parametrize("day", ["22.11.2026", "2026-11-22"])
def test_a_day_without_a_time_is_of_its_business_date(stack: Stack, tmp_path: Path, day: str) -> None:
    """At midnight it would be of the evening before."""
    assert main([str(write(tmp_path / "x.csv", HEADER + GOOD.replace("2026-11-22 19:04:00", day)))]) == 0
    assert stack.events[0]["created_at"] == "2026-11-22 05:00:00"


def test_a_time_in_the_future_is_rejected(stack: Stack, tmp_path: Path) -> None:
    """The transform would put the time of the import, another one each time."""
    file = write(tmp_path / "x.csv", HEADER + GOOD + GOOD.replace("2026-11-22", "2126-11-22"))
    assert main([str(file)]) == 1
    assert [(row["line"], row["field"]) for row in rejected(file)] == [("3", "created_at")]
    assert len(stack.events) == 1


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [(["10,50", "3"], ","), (["1.234,50"], ","), (["10.5", "3"], "."), (["1,5", "1.5"], "."), (["3"], ".")],
)
def test_decimal_signs(cells: list[str], decimal: str) -> None:
    assert decimal_of(cells) == decimal


@pytest.mark.parametrize("number", ["1,5", "1,50", "1_0", "1e3", "ten"])
def test_a_number_that_may_be_another_is_rejected(tmp_path: Path, number: str) -> None:
    file = write(tmp_path / "x.csv", HEADER + GOOD + GOOD.replace("10.5", f'"{number}"'))
    assert main([str(file), "--dry-run"]) == 1
    assert [(row["line"], row["field"], row["value"]) for row in rejected(file)] == [
        ("3", "unit_price", number)
    ]


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("dish,when\npizza,2026-11-22\n", [], "--rename COLUMN=element_clicked"),
        (HEADER + GOOD, ["--rename", "Preis=unit_price"], "no column is Preis"),
        (HEADER + GOOD, ["--drop", "Kasse"], "no column is Kasse"),
        ("a,a\n1,2\n", [], "line 1 has a column twice, a"),
        (HEADER + '"pizza,m\n', [], "line 2: a quote opens here"),
        (HEADER + GOOD + '"pizza,m\n' + GOOD * 3, [], "line 3: a quote opens here"),
        ("", [], "the file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    tmp_path: Path, capsys: Any, text: str, arguments: list[str], message: str
) -> None:
    assert main([str(write(tmp_path / "x.csv", text)), "--dry-run", *arguments]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [(bytes(range(256)) * 20, "no text in cp1252: export it as CSV"), (None, "there is no such file")],
)
def test_what_is_no_text_is_told(tmp_path: Path, capsys: Any, content: bytes | None, message: str) -> None:
    file = tmp_path / "x.csv"
    if content:
        file.write_bytes(content)
    assert main([str(file), "--dry-run"]) == 2
    assert f"{file}: {message}" in capsys.readouterr().err


def test_lines_may_end_as_on_old_macs(stack: Stack, tmp_path: Path) -> None:
    """Excel for Mac saves as CSV (Macintosh) with carriage returns alone, which ended in a traceback."""
    file = write(tmp_path / "x.csv", (HEADER + GOOD * 2).replace(",", ";").replace("\n", "\r"))
    assert main([str(file)]) == 0
    assert [event["unit_price"] for event in stack.events] == [10.5, 10.5]


@pytest.mark.parametrize(
    ("dishes", "words"),
    [
        (["Café crème", "Crêpe", "Soupe"], "Café, crème, Crêpe"),
        (["Gâteau", "Soufflé à l'œuf", "Moules"], "Gâteau, Soufflé, à"),
        (["Käsespätzle", "Rösti", "Grüner Salat"], "Käsespätzle, Rösti, Grüner"),
        (["Paella", "Jamón ibérico", "Piña"], "Jamón, ibérico, Piña"),
        (["Crème brûlée"], "Crème, brûlée"),
    ],
)
def test_a_short_menu_of_western_europe_is_not_taken_for_another(
    tmp_path: Path, capsys: Any, dishes: list[str], words: str
) -> None:
    """Café crème was read as Café crčme, and only Café was shown to judge it by."""
    lines = [f"22.11.2026 19:04;A-{number};{dish};1;3,20" for number, dish in enumerate(dishes)]
    text = "\n".join(["created_at;order_id;element_clicked;quantity;unit_price", *lines, ""])
    file = write(tmp_path / "x.csv", text, "cp1252")
    assert main([str(file), "--dry-run", "--orders", "--set", "source_menu=m"]) == 0
    output = capsys.readouterr().out
    assert "encoding cp1252" in output
    assert f"if {words} is not right" in output


def test_code_pages_of_other_languages_are_told(tmp_path: Path) -> None:
    polish = "element_clicked;cena\n" + "Żurek z białą kiełbasą;10,50\nPierogi z mięsem;12,00\n" * 10
    czech = "element_clicked;cena\n" + "Kuřecí řízek;159\nSvíčková na smetaně;189\n" * 10
    russian = "Борщ;пельмени;сырники;солянка\n" * 20
    assert encoding_of(write(tmp_path / "pl.csv", polish, "cp1250")) == "cp1250"
    assert encoding_of(write(tmp_path / "cs.csv", czech, "cp1250")) == "cp1250"
    assert encoding_of(write(tmp_path / "ru.csv", russian, "cp1251")) == "cp1251"


@pytest.mark.parametrize(
    ("price", "read"),
    [
        ("10,50 €", 10.5),
        ("€ 10,50", 10.5),
        ("10,50\N{NO-BREAK SPACE}€", 10.5),
        ("1 234,50 €", 1234.5),
        ("1\N{NARROW NO-BREAK SPACE}234,50", 1234.5),
        ("1’234,50", 1234.5),
        ("1.234,50 €", 1234.5),
    ],
)
def test_a_price_may_have_its_currencys_sign_and_spaces(
    stack: Stack, tmp_path: Path, price: str, read: float
) -> None:
    """Spreadsheets export cells as they show them: https://www.unicode.org/cldr/charts/48/by_type/numbers.symbols.html."""
    text = f"element_clicked;source_menu;created_at;unit_price\npizza;m;2026-11-22 19:04;{price}\n"
    assert main([str(write(tmp_path / "x.csv", text))]) == 0
    assert stack.events[0]["unit_price"] == read


def test_a_dollar_is_no_decimal_sign(stack: Stack, tmp_path: Path) -> None:
    file = write(tmp_path / "x.csv", HEADER + GOOD.replace("10.5", '"$1,234.50"').replace("EUR", "USD"))
    assert main([str(file)]) == 0
    assert stack.events[0]["unit_price"] == 1234.5


@pytest.mark.parametrize(
    ("prices", "arguments", "read"),
    [
        (["1.234", "10,50"], [], [1234, 10.5]),
        (["1,234", "10.50"], [], [1234, 10.5]),
        (["1.200", "2.500"], ["--decimal", ","], [1200, 2500]),
        (["1.200", "2.500"], ["--decimal", "."], [1.2, 2.5]),
        (["0.500", "2.500"], [], [0.5, 2.5]),
    ],
)
def test_three_digits_after_a_sign_are_thousands_if_the_other_sign_is_the_decimal_one(
    stack: Stack, tmp_path: Path, prices: list[str], arguments: list[str], read: list[float]
) -> None:
    lines = [f"pizza;m;2026-11-22 19:04;{price}" for price in prices]
    text = "\n".join(["element_clicked;source_menu;created_at;unit_price", *lines])
    assert main([str(write(tmp_path / "x.csv", text)), *arguments]) == 0
    assert [event["unit_price"] for event in stack.events] == read


@pytest.mark.parametrize("price", ["1,200", "25.000"])
def test_a_sign_that_may_be_one_of_thousands_is_not_guessed(
    stack: Stack, tmp_path: Path, capsys: Any, price: str
) -> None:
    """Yen and pesos have no decimals: 1,200 was read as 1.2."""
    file = write(tmp_path / "x.csv", HEADER + GOOD.replace("10.5", f'"{price}"').replace("EUR", "JPY"))
    assert main([str(file)]) == 2
    assert f"{price} can be two numbers" in capsys.readouterr().err
    assert stack.events == []


@pytest.mark.parametrize(("price", "currency"), [("10.50 $", "EUR"), ("£10.50", "EUR"), ("€10.50", "CHF")])
def test_a_sign_of_another_currency_is_rejected(tmp_path: Path, price: str, currency: str) -> None:
    line = GOOD.replace("10.5", price).replace("EUR", currency)
    file = write(tmp_path / "x.csv", HEADER + GOOD + line)
    assert main([str(file), "--dry-run"]) == 1
    assert [(row["line"], row["field"]) for row in rejected(file)] == [("3", "unit_price")]
