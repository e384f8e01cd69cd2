"""What the stack costs, beside what others publish, and beside docs/cost.md."""

import re

import pytest

from local.messages import UserError
from tests.support import ROOT
from tools import cost
from tools.cost import Bill, dollars, lines, main, options

PAGE = (ROOT / "docs" / "cost.md").read_text()
RESTAURANT = (88_000, 6_150)
BUSY = (3_420_000, 228_000)
US = Bill("us-east-1")


@pytest.fixture(autouse=True)
def data_sets_of_the_docs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the data sets that the page names, whatever an owner adds."""
    queries = re.search(r"a day: (\d+) queries and", PAGE)
    assert queries
    monkeypatch.setattr(cost, "DATA_SETS", int(queries[1]) - round(cost.TODAYS / cost.DAYS))


@pytest.mark.parametrize(
    ("published", "computed"),
    [
        (9.07, US.api(2_592_000)),
        (58.90, US.firehose(259_200_000, 1024) + US.conversion(259_200_000, 1024)),
        (1.56, US.function(2_592_000, 0.120, 256)),
        (1.45, US.athena(100 * 30.4, 100)),
    ],
    ids=["API Gateway", "Firehose with conversion", "Lambda", "Athena"],
)
def test_the_game_analytics_pipeline_costs_what_aws_publishes(published: float, computed: float) -> None:
    """README of aws-solutions-library-samples/guidance-for-game-analytics-pipeline-on-aws, section Cost.

    "As of August 2025 […] US East (N. Virginia)": 259.2 million events of 1 KB, 100 a request; Firehose takes
    each event as a record of 5 KB and converts it; 2,592,000 calls of 120 ms; 100 queries a day that scan 100
    MB. The memory of its function is not told: 256 MB on arm64 is what its price comes to.
    """
    assert computed == pytest.approx(published, rel=0.05)


@pytest.mark.parametrize(
    ("published", "computed"),
    [
        (0.38, US.function(86_400, 0.5, 512) * 0.0000166667 / 0.0000133334),
        (14.42, US.athena(86_400, 35)),
        (6.79, US.s3(gb=295)),
    ],
    ids=["Lambda", "Athena", "S3"],
)
def test_monitoring_of_cloudfront_costs_what_awslabs_publishes(published: float, computed: float) -> None:
    """awslabs/aws-cloudfront-extensions, docs/en/cost.md, "Non-real time monitoring": August 2022, us-east-1.

    86,400 calls of half a second at 512 MB, on x86_64; as many queries of 35 MB; 295 GB.
    """
    assert computed == pytest.approx(published, rel=0.05)


def table(heading: str) -> dict[str, list[str]]:
    """Return the rows of the page's first table under a heading, by their first cell."""
    section = PAGE.split(f"\n{heading}\n")[1].split("\n## ")[0]
    rows = [
        [cell.strip(" *") for cell in line.split("|")[1:-1]]
        for line in section.splitlines()
        if line[:1] == "|"
    ]
    return {row[0]: row[1:] for row in rows[2:]}


def test_the_page_has_what_the_command_computes() -> None:
    """Printed by make cost EVENTS=88000 VISITS=6150, and by make cost EVENTS=3420000 VISITS=228000."""
    rows = table("## Monthly cost")
    for name, of_month in (("lines", lines), ("options", options)):
        restaurant, busy = of_month(*RESTAURANT), of_month(*BUSY)
        for one, other in zip(restaurant, busy, strict=True):
            assert rows[one.name][-2:] == [dollars(one.dollars), dollars(other.dollars)], name
    together = [dollars(sum(line.dollars for line in lines(*numbers))) for numbers in (RESTAURANT, BUSY)]
    assert rows["together"][-2:] == together


def test_the_page_has_the_prices_of_the_file() -> None:
    rows = table("## Prices")
    assert rows.keys() == {price["unit"] for price in cost.PRICES["prices"].values()}
    for price in cost.PRICES["prices"].values():
        assert [float(cell.strip("$")) for cell in rows[price["unit"]]] == [
            price[name] for name in cost.REGIONS
        ]


def test_each_price_has_a_source_and_a_region() -> None:
    for price in cost.PRICES["prices"].values():
        assert price["source"].startswith("https://aws.amazon.com/")
        assert all(price[region] > 0 for region in cost.REGIONS)
    assert re.fullmatch(r"\d{4}-\d\d", cost.PRICES["read"])


@pytest.mark.parametrize(
    ("size", "billed"), [(1, 1), (5_120, 1), (5_121, 2), (12_288, 3)], ids=["1", "5 KB", "more", "12 KB"]
)
def test_a_record_is_billed_in_steps_of_5_kb(size: int, billed: int) -> None:
    """https://aws.amazon.com/firehose/pricing/: a record of 3 KB is billed as 5 KB, one of 12 KB as 15 KB."""
    assert US.firehose(1_000_000, size) == pytest.approx(billed * US.firehose(1_000_000, 5_120))


def test_a_query_is_billed_as_10_mb_at_least() -> None:
    """https://aws.amazon.com/athena/pricing/: "with a 10MB minimum per query"."""
    assert US.athena(1, 0) == US.athena(1, 10) < US.athena(1, 11)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(1234.5, "$1,234.50"), (0.1, "$0.10"), (0.02, "$0.020"), (0.0018, "$0.0018"), (2e-6, "under $0.001")],
)
def test_small_amounts_have_two_digits_that_count(amount: float, text: str) -> None:
    assert dollars(amount) == text


def test_more_events_never_cost_less() -> None:
    sums = [sum(line.dollars for line in lines(events, 1_000)) for events in (1_000, 10_000, 10**6, 10**9)]
    assert sums == sorted(sums)


def test_the_command_prints_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--events", "88,000", "--visits", "6150", "--region", "eu-central-1"]) == 0
    printed = capsys.readouterr().out
    for line in [*lines(*RESTAURANT, "eu-central-1"), *options(*RESTAURANT, "eu-central-1")]:
        assert re.search(rf"{re.escape(line.name)} .*{re.escape(dollars(line.dollars))}", printed)
    assert "not confirmed" in printed


@pytest.mark.parametrize("numbers", [("10", "20"), ("0", "1"), ("many", "1")])
def test_numbers_that_cannot_be_are_refused(numbers: tuple[str, str]) -> None:
    with pytest.raises((UserError, SystemExit)):
        main(["--events", numbers[0], "--visits", numbers[1]])


def test_the_page_of_an_owner_with_a_data_set_more_costs_more(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {line.name: line for line in options(*RESTAURANT, "eu-central-1")}["Owner's page"]
    monkeypatch.setattr(cost, "DATA_SETS", cost.DATA_SETS + 1)
    after = {line.name: line for line in options(*RESTAURANT, "eu-central-1")}["Owner's page"]
    assert after.dollars > before.dollars
