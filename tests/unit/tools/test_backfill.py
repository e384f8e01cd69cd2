"""An import reads files as tills, spreadsheets and people write them, and tells what it cannot read."""

import csv
import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support import ROOT, load_function
from tools.backfill.__main__ import main
from tools.backfill.guess import date_format_of, decimal_of, encoding_of

EXAMPLE = ROOT / "docs" / "examples" / "till.csv"
TILL = (
    "--orders", "--set", "source_menu=m", "--drop", "Kasse",
    "--rename", "Datum=created_at", "--rename", "Beleg=order_id", "--rename", "Artikel=element_clicked",
    "--rename", "Menge=quantity", "--rename", "Einzelpreis=unit_price", "--rename", "Währung=currency",
)  # fmt: skip
HEADER = "element_clicked,source_menu,created_at,unit_price,currency,quantity,event_type\n"
GOOD = "pizza,m,2026-11-22 19:04:00,10.5,EUR,1,order\n"


class Stack:
    """Stands in for CloudFormation and Firehose behind boto3: keeps the events that are put."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.id = "arn:aws:cloudformation:eu-central-1:000000000000:stack/menulens/1"
        self.events: list[dict[str, Any]] = []
        monkeypatch.setattr(boto3, "client", lambda name: self)
        monkeypatch.setattr("time.sleep", lambda seconds: None)

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        outputs = [{"OutputKey": "DeliveryStreamName", "OutputValue": "stream"}]
        parameters = [{"ParameterKey": "TimeZone", "ParameterValue": "Europe/Rome"}]
        return {"Stacks": [{"StackId": self.id, "Outputs": outputs, "Parameters": parameters}]}

    def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:
        for record in Records:
            self.events += json.loads(record["Data"])["events"]
        return {"FailedPutCount": 0, "RequestResponses": [{"RecordId": "1"} for _ in Records]}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    load_function("replay")  # another function's modules of the same names may be loaded
    return Stack(monkeypatch)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


def rejected(path: Path) -> list[dict[str, str]]:
    with path.with_name(f"{path.name}.rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_example_of_a_till_is_read_as_it_is(stack: Stack, tmp_path: Path, capsys: Any) -> None:
    """A byte order mark, semicolons, decimal commas, 22.11.2026 19:04."""
    file = tmp_path / "till.csv"
    file.write_bytes(EXAMPLE.read_bytes())
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert main([str(file), *TILL]) == 0
    assert "utf-8-sig, delimiter ';', decimal ',', dates %d.%m.%Y %H:%M" in capsys.readouterr().out
    first = stack.events[0]
    assert first.pop("event_id").startswith("import-")
    assert first == {
        "event_type": "order", "channel": "till", "source_menu": "m", "created_at": "2026-11-22 19:04:00",
        "order_id": "1017", "element_clicked": "Käsespätzle; groß", "quantity": 2, "unit_price": 10.5,
        "currency": "EUR",
    }  # fmt: skip
    assert stack.events[-1]["unit_price"] == 1234.5


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


def test_each_rejected_line_has_field_value_and_remedy(stack: Stack, tmp_path: Path, capsys: Any) -> None:
    """Lines count as in an editor, also after a cell of two lines and an empty line."""
    lines = [
        HEADER,
        GOOD,
        '"two\nlines",m,2026-11-22 19:04:00,1,EUR,1,order\n',
        "\n",
        "pizza,m,yesterday,1,EUR,1,order\n",  # 6
        "pizza,m,2026-11-22 19:04:00,1,Euro,1,order\n",  # 7
        "pizza,m,2026-11-22 19:04:00,1,EUR,-1,order\n",  # 8
        "pizza,m,2026-11-22 19:04:00,1,EUR,1,order,more\n",  # 9
        ",m,2026-11-22 19:04:00,1,EUR,1,order\n",  # 10
    ]
    file = write(tmp_path / "x.csv", "".join(lines))
    assert main([str(file), "--decimal", "."]) == 1
    out = capsys.readouterr().out
    assert "stored 2, rejected 5" in out
    assert "x.csv.rejected.csv" in out
    rows = rejected(file)
    assert [(row["line"], row["field"], row["value"]) for row in rows] == [
        ("6", "created_at", "yesterday"),
        ("7", "currency", "Euro"),
        ("8", "quantity", "-1"),
        ("9", "", ""),
        ("10", "element_clicked", ""),
    ]
    assert "--date-format" in rows[0]["remedy"]
    assert "--rename COLUMN=element_clicked" in rows[4]["remedy"]
    assert len(stack.events) == 2
    write(file, HEADER + GOOD)
    assert main([str(file), "--dry-run"]) == 0
    assert not file.with_name("x.csv.rejected.csv").exists()  # it would be of the lines of before


def test_a_second_stack_is_another_import(stack: Stack, tmp_path: Path, capsys: Any) -> None:
    file = write(tmp_path / "x.csv", HEADER + GOOD * 3)
    for expected in ("sent 3 events, 0 before", "sent 0 events, 3 before"):
        assert main([str(file)]) == 0
        assert expected in capsys.readouterr().out
    assert main([str(file), "--set", "page=/menu"]) == 0  # other options make other events
    assert "sent 3 events, 0 before" in capsys.readouterr().out
    stack.id += "-of-another-stack"  # or of one that was deleted and made again
    assert main([str(file)]) == 0
    out = capsys.readouterr().out
    assert "sent 3 events, 0 before" in out
    assert "stored 3, rejected 0" in out


def test_a_stopped_import_goes_on(stack: Stack, tmp_path: Path, capsys: Any) -> None:
    file = write(tmp_path / "x.csv", HEADER + GOOD * 6000)
    assert main([str(file)]) == 0
    ids = [event["event_id"] for event in stack.events]
    assert len(set(ids)) == 6000  # equal lines are events of their own
    note = file.with_name("x.csv.progress")
    entry = json.loads(note.read_text())
    note.write_text(json.dumps(entry | {"line": 5001}) + "\n")  # as if it had been stopped there
    stack.events.clear()
    assert main([str(file)]) == 0
    assert "sent 1,000 events, 5,000 before" in capsys.readouterr().out
    assert [event["event_id"] for event in stack.events] == ids[5000:]


def test_a_corrected_file_gives_its_other_lines_the_same_ids(stack: Stack, tmp_path: Path) -> None:
    file = write(tmp_path / "x.csv", HEADER + GOOD + GOOD.replace("EUR", "Euro") + GOOD)
    assert main([str(file)]) == 1
    write(file, HEADER + GOOD + GOOD.replace("pizza", "water") + GOOD)
    assert main([str(file)]) == 0
    assert len(stack.events) == 5
    assert len({event["event_id"] for event in stack.events}) == 3


def test_the_same_dish_twice_in_an_order_is_two_lines(stack: Stack, tmp_path: Path) -> None:
    """The transform takes lines of an order with the same dish for one, unless their `order_line` differs."""
    header = HEADER.replace("event_type", "order_id")
    lines = [GOOD.replace("order\n", f"{order}\n") for order in ("A-1", "A-1", "A-2")]
    another_day = lines[0].replace("11-22", "11-23")
    file = write(tmp_path / "x.csv", header + "".join([*lines, another_day]))
    assert main([str(file), "--orders"]) == 0
    assert [event.get("order_line") for event in stack.events] == [None, "2", None, None]
    assert len({event["event_id"] for event in stack.events}) == 4


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


@pytest.mark.parametrize(
    ("cells", "decimal"),
    [(["10,50", "3"], ","), (["1.234,50"], ","), (["10.5", "3"], "."), (["1,5", "1.5"], "."), (["3"], ".")],
)
def test_decimal_signs(cells: list[str], decimal: str) -> None:
    assert decimal_of(cells) == decimal


@pytest.mark.parametrize("number", ["1,5", "1,500", "ten"])
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


def test_json_lines_are_imported_as_they_are(stack: Stack, tmp_path: Path, capsys: Any) -> None:
    event = {"element_clicked": "a", "source_menu": "m", "created_at": "2024-03-01T12:00:00Z", "quantity": 2}
    file = write(tmp_path / "x.jsonl", f"{json.dumps(event)}\n[1]\n\n{{broken\n")
    assert main([str(file)]) == 1
    assert [{key: sent[key] for key in event} for sent in stack.events] == [event]
    assert [row["line"] for row in rejected(file)] == ["2", "4"]
