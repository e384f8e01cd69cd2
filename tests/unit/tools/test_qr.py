"""QR codes for tables: which addresses they hold, and that a reader reads them."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import segno
import zxingcpp

from local.messages import UserError
from tools import qr


def read(code: segno.QRCode) -> str:
    """Return what a reader that is independent of the maker reads in a code."""
    dots = [[0 if dark else 255 for dark in row] for row in code.matrix_iter(scale=4, border=4)]
    picture = memoryview(bytes(dot for row in dots for dot in row)).cast("B", (len(dots), len(dots[0])))
    barcode = zxingcpp.read_barcode(picture)
    assert barcode is not None
    return str(barcode.text)


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("1-3", ["1", "2", "3"]),
        ("7", ["7"]),
        (" 1 - 2, A1 ,Terrace 2,2", ["1", "2", "A1", "Terrace 2"]),
        ("A-B", ["A-B"]),
        ("", []),
        (",", []),
    ],
)
def test_tables_are_numbers_names_and_ranges(text: str, tables: list[str]) -> None:
    assert qr.tables_of(text) == tables


@pytest.mark.parametrize("text", ["20-1", "1-999999", "1-300,301-900", "x" * 33])
def test_lists_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(UserError):
        qr.tables_of(text)


@pytest.mark.parametrize(
    ("url", "table", "address"),
    [
        ("https://trattoria.it/menu", "12", "https://trattoria.it/menu?table=12&channel=qr"),
        ("https://trattoria.it/", None, "https://trattoria.it/?channel=qr"),
        (
            "https://trattoria.it/?lang=de&table=1&channel=web#/menu",
            "Ä 1&2",
            "https://trattoria.it/?lang=de&table=%C3%84+1%262&channel=qr#/menu",
        ),
    ],
)
def test_a_code_holds_the_address_with_the_table(url: str, table: str | None, address: str) -> None:
    assert qr.address_of(url, table) == address
    assert read(segno.make(address, error="q", micro=False)) == address
    query = parse_qs(urlsplit(address).query)
    assert query.get("table", [None]) == [table]


@pytest.mark.parametrize("url", ["trattoria.it/menu", "file:///menu.html", "https://", "javascript:alert(1)"])
def test_an_address_of_no_page_is_refused(url: str) -> None:
    with pytest.raises(UserError, match="such as https"):
        qr.address_of(url, "1")


def test_the_sheet_has_a_code_for_each_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "new" / "qr.html"
    arguments = ["https://trattoria.it/menu", "--tables", "1-20,<b>", "--output", str(output)]
    assert qr.main(arguments) == 0
    page = output.read_text()
    assert page.count("<svg") == page.count("<figure>") == 21
    assert "<strong>20</strong>" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "21 codes such as https://trattoria.it/menu?table=1&channel=qr" in capsys.readouterr().out
