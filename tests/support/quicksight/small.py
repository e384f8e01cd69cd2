"""A small folder of definitions for the tests of QuickSightDefinitions: quick, with one of everything."""

import json
from pathlib import Path
from typing import Any


def data_set(name: str) -> dict[str, Any]:
    """Return a data set over the view of its name."""
    table = {
        "DataSourceArn": "${data_source_arn}",
        "Schema": "${database}",
        "Name": name,
        "InputColumns": [{"Name": "day", "Type": "DATETIME"}, {"Name": name, "Type": "INTEGER"}],
    }
    return {
        "Name": f"${{name_prefix}}: {name}",
        "ImportMode": "SPICE",
        "PhysicalTableMap": {"view": {"RelationalTable": table}},
    }


def schedule(name: str, kind: str) -> dict[str, Any]:
    """Return a daily refresh."""
    frequency = {"Interval": "DAILY", "TimeOfTheDay": "05:00", "Timezone": "${time_zone}"}
    return {"ScheduleId": name, "RefreshType": kind, "ScheduleFrequency": frequency}


def dashboard(title: str = "Visits") -> dict[str, Any]:
    """Return a dashboard with one visual."""
    visual = {"VisualId": "visits", "Title": {"FormatText": {"PlainText": title}}}
    return {
        "Name": "${name_prefix}: insights",
        "ThemeArn": "${theme_arn}",
        "Definition": {
            "DataSetIdentifierDeclarations": [
                {"Identifier": "visits", "DataSetArn": "${data_set_arn_visits}"},
            ]
        },
        "Sheet": {"SheetId": "overview", "Visuals": [{"KPIVisual": visual}]},
    }


WINDOW = {"LookbackWindow": {"ColumnName": "day", "Size": 7, "SizeUnit": "DAY"}}
VISITS = {
    "DataSet": data_set("visits"),
    "RefreshProperties": {"RefreshConfiguration": {"IncrementalRefresh": WINDOW}},
    "RefreshSchedules": [schedule("daily", "INCREMENTAL_REFRESH"), schedule("weekly", "FULL_REFRESH")],
}
PAIRS = {"DataSet": data_set("pairs"), "RefreshSchedules": [schedule("daily", "FULL_REFRESH")]}
THEME = {"Name": "Small", "BaseThemeId": "CLASSIC", "Configuration": {}}


def write(root: Path, data_sets: dict[str, Any], dashboards: dict[str, Any]) -> Path:
    """Write the folder and return it."""
    for name, content in data_sets.items():
        _write(root / "data_sets" / f"{name}.json", content)
    for name, content in dashboards.items():
        folder = root / "dashboards" / name
        _write(folder / "dashboard.json", {k: v for k, v in content.items() if k != "Sheet"})
        _write(folder / "sheets" / "01_overview.json", content["Sheet"])
    _write(root / "themes" / "menulens.json", THEME)
    return root


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
