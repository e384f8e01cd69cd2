"""What the site makes of Markdown that is written for GitHub."""

import pytest

from scripts.site import broken_links, fitted, indented, linked

REPOSITORY = {"README.md", "docs", "docs/cost.md", "docs/images/bill.png", "functions", "functions/app.py"}


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("README.md", "[c](docs/cost.md#prices)", "[c](cost.md#prices)"),
        ("docs/cost.md", "[r](../README.md#deploy)", "[r](index.md#deploy)"),
        ("docs/decisions/one.md", "[c](../cost.md)", "[c](../cost.md)"),
        ("docs/decisions/one.md", "[s](../../SECURITY.md)", "[s](../security-policy.md)"),
        ("README.md", "![b](docs/images/bill.png)", "![b](images/bill.png)"),
        ("README.md", "[![b](docs/images/bill.png)](docs/cost.md)", "[![b](images/bill.png)](cost.md)"),
        ("docs/cost.md", "[a](../functions/app.py)", "[a](https://code/functions/app.py)"),
        (
            "docs/cost.md",
            "[a](https://aws.amazon.com) [b](#prices)",
            "[a](https://aws.amazon.com) [b](#prices)",
        ),
    ],
)
def test_links_lead_to_pages_or_to_the_code(path: str, text: str, expected: str) -> None:
    assert linked(text, path, "https://code") == expected


def test_without_an_address_a_link_to_the_code_is_text() -> None:
    assert linked("see [`app.py`](../functions/app.py)", "docs/cost.md", "") == "see `app.py`"


def test_code_is_left_as_it_is() -> None:
    text = "```\n[c](docs/cost.md)\n   - x\n```\n"
    assert fitted(text, "README.md", "") == text


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("[a](docs/cost.md#x) [b](functions) [c](https://example.com) [d](#here)", 0),
        ("[a](docs/nothing.md)", 1),
        ("[![a](docs/images/nothing.png)](docs/cost.md)", 1),
        ("```\n[a](docs/nothing.md)\n```", 0),
    ],
)
def test_a_link_to_what_is_not_there_is_named(text: str, broken: int) -> None:
    assert len(list(broken_links({"README.md": text}, REPOSITORY))) == broken


def test_what_belongs_to_an_item_is_indented_by_four_spaces_a_level() -> None:
    text = """1. One:

   ```
   make docs
     -p
   ```

2. Two
   goes on.
   - inner
     text
- other

  paragraph
end"""
    expected = """1. One:

    ```
    make docs
      -p
    ```

2. Two
    goes on.
    - inner
        text
- other

    paragraph
end"""
    assert indented(text) == expected


def test_an_item_after_several_paragraphs_and_a_list_after_a_paragraph_get_a_blank_line() -> None:
    """Without it Python-Markdown takes the item for text of the paragraph."""
    text = "Two:\n- one\n- two\n\n1. One:\n\n   text\n   goes on.\n2. Two"
    expected = "Two:\n\n- one\n- two\n\n1. One:\n\n    text\n    goes on.\n\n2. Two"
    assert indented(text) == expected
