"""The rows of a visual, compared with those of its question to Athena."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.dashboard_sql import NUMBERS_ALONE


def assert_same_rows(
    visual_rows: list[dict[str, Any]], answer_rows: list[dict[str, str]], visual: str
) -> None:
    """Compare the rows of a visual with those of its question, in any order; numbers to nine digits."""
    assert visual_rows or visual == "pairs"
    if visual in NUMBERS_ALONE:
        (name,) = answer_rows[0]
        assert [row[name] for row in visual_rows] == [float(row[name]) for row in answer_rows]
        return

    def key(row: dict[str, Any]) -> list[str]:
        return sorted(f"{name} {value}" for name, value in row.items() if isinstance(value, str))

    visual_texts = [{name: as_text(name, value) for name, value in row.items()} for row in visual_rows]
    answer_texts = [{name: row.get(name) for name in visual_rows[0]} for row in answer_rows]
    assert len(visual_texts) == len(answer_texts)
    for row in (*visual_texts, *answer_texts):
        row["key"] = key(row) if any(isinstance(value, str) for value in row.values()) else []
    texts = {name for row in visual_texts for name, value in row.items() if isinstance(value, str)}
    order = sorted(texts) + sorted(name for name in visual_texts[0] if name not in texts and name == "hour")
    in_order = [
        sorted(rows, key=lambda row: [str(row[name]) for name in order])
        for rows in (visual_texts, answer_texts)
    ]
    for visual_row, answer_row in zip(*in_order, strict=True):
        for name in visual_rows[0]:
            if isinstance(visual_row[name], str):
                assert visual_row[name] == answer_row[name]
            elif visual_row[name] is None:
                assert answer_row[name] is None
            else:
                assert visual_row[name] == pytest.approx(float(answer_row[name]), rel=1e-9), (visual, name)


def as_text(name: str, value: Any) -> Any:
    """Return a day as Athena writes it."""
    return datetime.fromtimestamp(value / 1000, UTC).date().isoformat() if name == "day" else value
