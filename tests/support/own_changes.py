"""A copy of the repository, and the changes that the docs tell owners to make in theirs.

Each change is written as its steps in the docs are; a copy knows which files it touched.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import ROOT

DASHBOARD = "quicksight/dashboards/menu_insights"
PYTEST = ("pytest", "--numprocesses=0", "--hypothesis-profile=fast", "--no-header", "-p", "no:cacheprovider")


class Copy:
    """The repository's files, those that Git ignores left out, in another folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched: set[str] = set()
        listing = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, names.split("\0")):
            source, target = ROOT / name, folder / name
            if source.exists():  # Git lists what is deleted but not committed
                target.parent.mkdir(parents=True, exist_ok=True)
                if source.is_symlink():
                    target.symlink_to(source.readlink())
                else:
                    target.write_bytes(source.read_bytes())

    def write(self, name: str, text: str) -> None:
        """Write a file, and make its folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.touched.add(name)

    def insert(self, name: str, text: str, before: str) -> None:
        """Insert text before the first match of a pattern."""
        content = (self.folder / name).read_text()
        match = re.search(before, content, re.MULTILINE)
        assert match, f"{name} has no {before}"
        self.write(name, content[: match.start()] + text + content[match.start() :])

    def add_row(self, name: str, heading: str, row: str) -> None:
        """Add a row to the end of the first table under a heading."""
        content = (self.folder / name).read_text()
        match = re.search(rf"^#+ {heading}\n(?:(?!#).*\n)*?(?:\|.*\n)+", content, re.MULTILINE)
        assert match, f"{name} has no table under {heading}"
        self.write(name, content[: match.end()] + row + "\n" + content[match.end() :])

    def edit(self, name: str, change: Callable[[Any], None]) -> None:
        """Change what a JSON file holds."""
        content = json.loads((self.folder / name).read_text())
        change(content)
        self.write(name, json.dumps(content, indent=2) + "\n")

    def run(self, *command: str) -> tuple[int, str]:
        """Run a tool of the virtual environment in the copy; return its exit code and what it writes."""
        tool, *arguments = command
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        process = subprocess.run(
            [str(Path(sys.executable).with_name(tool)), *arguments],
            cwd=self.folder,
            env=environment | {"AWS_DEFAULT_REGION": "eu-central-1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return process.returncode, process.stdout

    def test(self, *arguments: str) -> tuple[int, str]:
        """Run tests in the copy, in one process."""
        return self.run(*PYTEST, f"--basetemp={self.folder / 'temporary'}", *arguments)


def dishes(copy: Copy) -> None:
    copy.write(
        "athena/reference/menu_items.csv",
        "source_menu,element,display_name,category,price\n"
        'zum-adler,spaetzle,"Käsespätzle, groß",Hauptgerichte,14.50\n,wasser,Wasser,,3.00\n',
    )


def field_in_the_schema(copy: Copy) -> None:
    end = r"\n\n# Fields of an event that are not stored"
    copy.insert("functions/transform/event.py", "    weather: Name | None = None\n", end)


def field_in_the_table(copy: Copy) -> None:
    column = ",\n  `weather` string COMMENT 'What it was like outside'"
    copy.insert("athena/tables/events_raw.sql", column, r"\n\)\nPARTITIONED BY")


def field_in_the_view(copy: Copy) -> None:
    copy.insert("athena/views/events.sql", ",\n  arbitrary(weather) AS weather", r"\nFROM events_raw")


def field_in_the_model(copy: Copy) -> None:
    rule = "                weather: {type: string, minLength: 1, maxLength: 128}\n"
    copy.insert("template.yaml", rule, r"^            EventBatch:$")


def field_in_the_docs(copy: Copy) -> None:
    sent = "| `weather` | text, 1 to 128 characters | what it is like outside |"
    copy.add_row("docs/events.md", "What a page sends", sent)
    copy.add_row("docs/events.md", "What is stored", "| `weather` | string | as sent |")


def view(copy: Copy) -> None:
    copy.write(
        "athena/views/visits_by_weather.sql",
        """-- Do guests look at the menu when it rains?
-- A row for each day and weather.
--   day      of the wall clock
--   weather  what the page sends
--   visits   different visits
CREATE OR REPLACE VIEW visits_by_weather AS
SELECT
  local_date AS day,
  weather,
  count(DISTINCT visit_key) AS visits
FROM events
WHERE weather IS NOT NULL
GROUP BY local_date, weather
""",
    )


def answer_of_the_view(copy: Copy) -> None:
    event = {"element_clicked": "a", "source_menu": "m", "session_id": "s"}
    event |= {"created_at": "2026-11-20T18:00:00Z"}
    events = [event | {"weather": "rain"}, event | {"weather": "rain", "element_clicked": "b"}, event]
    request = {"at": "2026-11-20T18:00:05", "ip": "203.0.113.1", "events": events}
    folder = "tests/data/views/visits_by_weather"
    copy.write(f"{folder}/input.jsonl", json.dumps(request) + "\n")
    copy.write(f"{folder}/expected.csv", "day,weather,visits\n2026-11-20,rain,1\n")


def saved_query(copy: Copy) -> None:
    copy.write(
        "athena/queries/rainy_days.sql",
        """-- Which weather brings guests
-- How to read it: one line for each weather, the one with the most visits first.
-- Parameters: the first and the last day, in quotes: '2026-11-01', '2026-11-30'.
SELECT
  weather,
  sum(visits) AS visits
FROM visits_by_weather
WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY weather
ORDER BY visits DESC
""",
    )


def row_of_the_saved_query(copy: Copy) -> None:
    copy.add_row("docs/answers.md", "Saved queries", "| `rainy_days` | Which weather brings guests? |")


def data_set(copy: Copy) -> None:
    columns = [("day", "DATETIME"), ("weather", "STRING"), ("visits", "INTEGER")]
    source = {
        "part": "view",
        "view": "visits_by_weather",
        "columns": [{"Name": name, "Type": kind} for name, kind in columns],
    }
    content = {
        "DataSet": {
            "Name": "${name_prefix}: weather",
            "ImportMode": "SPICE",
            "PhysicalTableMap": {"view": source},
        },
        "RefreshProperties": {"part": "last_days", "days": 7},
        "RefreshSchedules": [{"part": "every_day", "type": "INCREMENTAL_REFRESH"}, {"part": "every_week"}],
    }
    copy.write("quicksight/data_sets/weather.json", json.dumps(content, indent=2) + "\n")


def declared_data_set(copy: Copy) -> None:
    declaration = {"Identifier": "weather", "DataSetArn": "${data_set_arn_weather}"}
    copy.edit(
        f"{DASHBOARD}/dashboard.json",
        lambda dashboard: dashboard["Definition"]["DataSetIdentifierDeclarations"].append(declaration),
    )


def chart(name: str, column: str, data: str) -> Callable[[Copy], None]:
    """Return the change that adds a figure to the last sheet: a copy of one that is there."""

    def change(sheet: dict[str, Any]) -> None:
        figure = next(visual for visual in sheet["Visuals"] if visual.get("part") == "kpi_alone")
        own = {"id": name, "title": f"Own: {name}", "data": data, "column": column}
        sheet["Visuals"].append(figure | own)
        places = sheet["Layouts"]["elements"]
        below = max(place["row"] + place["height"] for place in places)
        places.append({"part": "place", "id": name, "column": 0, "row": below, "width": 9, "height": 5})

    return lambda copy: copy.edit(f"{DASHBOARD}/sheets/04_data_health.json", change)


def titles_of_the_charts(copy: Copy) -> None:
    for path in sorted((copy.folder / "preview" / "texts").glob("*.toml")):
        own = "".join(f'"Own: {name}" = "{path.stem}: {name}"\n' for name in ("rainy", "adjusted"))
        copy.write(f"preview/texts/{path.name}", path.read_text(encoding="utf-8") + own)


def theme(copy: Copy) -> None:
    def change(theme: dict[str, Any]) -> None:
        theme["Configuration"]["DataColorPalette"]["Colors"].reverse()
        theme["Configuration"]["UIColorPalette"]["Accent"] = "#771133"

    copy.edit("quicksight/themes/menulens.json", change)


def alarm(copy: Copy) -> None:
    copy.insert(
        "template.yaml",
        """  StreamThrottled:
    Type: AWS::CloudWatch::Alarm
    Condition: HasAlarms
    Properties:
      <<: [*alarm, *more_than_none]
      AlarmDescription: >-
        The stream did not take all requests, so pages sent them again.
        Lower ThrottleRate, or raise the quota of the stream.
      Namespace: AWS/Firehose
      MetricName: ThrottledRecords
      Dimensions: [{Name: DeliveryStreamName, Value: !Ref DeliveryStream}]
      EvaluationPeriods: 1

""",
        r"^  HookErrors:$",
    )


def row_of_the_alarm(copy: Copy) -> None:
    row = "| `StreamThrottled` | the stream did not take all requests | raise its quota |"
    copy.add_row("docs/operations.md", "Monitoring", row)
