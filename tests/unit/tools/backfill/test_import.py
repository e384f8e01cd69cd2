"""An import stores what it can of a file, once, and tells the lines that it rejects."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from tests.support.imports import GOOD, HEADER, Stack, rejected, write
from tools.backfill.__main__ import main

EXAMPLE = ROOT / "docs" / "examples" / "till.csv"
TILL = (
    "--orders", "--set", "source_menu=m", "--drop", "Kasse",
    "--rename", "Datum=created_at", "--rename", "Beleg=order_id", "--rename", "Artikel=element_clicked",
    "--rename", "Menge=quantity", "--rename", "Einzelpreis=unit_price", "--rename", "Währung=currency",
)  # fmt: skip


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
        "pizza,m,,1,EUR,1,order\n",  # 11
    ]
    file = write(tmp_path / "x.csv", "".join(lines))
    assert main([str(file), "--decimal", "."]) == 1
    out = capsys.readouterr().out
    assert "stored 2, rejected 6" in out
    assert "x.csv.rejected.csv" in out
    rows = rejected(file)
    assert [(row["line"], row["field"], row["value"]) for row in rows] == [
        ("6", "created_at", "yesterday"),
        ("7", "currency", "Euro"),
        ("8", "quantity", "-1"),
        ("9", "", ""),
        ("10", "element_clicked", ""),
        ("11", "created_at", ""),
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


def test_json_lines_are_imported_as_they_are(stack: Stack, tmp_path: Path, capsys: Any) -> None:
    event = {"element_clicked": "a", "source_menu": "m", "created_at": "2024-03-01T12:00:00Z", "quantity": 2}
    file = write(tmp_path / "x.jsonl", f"{json.dumps(event)}\n[1]\n\n{{broken\n")
    assert main([str(file)]) == 1
    assert [{key: sent[key] for key in event} for sent in stack.events] == [event]
    assert [row["line"] for row in rejected(file)] == ["2", "4"]


def test_a_line_without_the_refund_beside_it_keeps_its_id(stack: Stack, tmp_path: Path) -> None:
    """A refund is rejected: without its line, which the remedy says to leave out, the file counts once."""
    header = HEADER.replace("event_type", "order_id")
    lines = [GOOD.replace("1,order\n", f"{quantity},A-1\n") for quantity in (1, -1, 1)]
    file = write(tmp_path / "x.csv", header + "".join(lines))
    assert main([str(file), "--orders"]) == 1
    write(file, header + lines[0] + lines[2])
    assert main([str(file), "--orders"]) == 0
    assert [event.get("order_line") for event in stack.events] == [None, "2"] * 2
    assert len({event["event_id"] for event in stack.events}) == 2


@pytest.mark.parametrize(
    "second", ["2026-11-23 00:03:00", "2026-11-23T00:03:00+01:00", "2026-11-22T23:03:00Z"]
)
def test_equal_dishes_of_an_order_over_midnight_are_two_lines(
    stack: Stack, tmp_path: Path, second: str
) -> None:
    """A business date ends in the morning, in the zone of the stack."""
    header = HEADER.replace("event_type", "order_id")
    times = ("2026-11-22 23:58:00", second, "2026-11-23 06:00:00")
    lines = [GOOD.replace("1,order", "1,A-1").replace("2026-11-22 19:04:00", time) for time in times]
    assert main([str(write(tmp_path / "x.csv", header + "".join(lines))), "--orders"]) == 0
    assert [event.get("order_line") for event in stack.events] == [None, "2", None]


def test_make_import_without_a_file_asks_for_it(capsys: Any) -> None:
    with pytest.raises(SystemExit):
        main([""])
    assert "make import FILE=history.csv" in capsys.readouterr().err
