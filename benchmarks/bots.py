"""`python -m benchmarks.bots`: how many bots the transform finds, and how many browsers it takes for bots.

The lists are other projects', as their packages carry them: none was written for this one.
"""

import json
import re
from collections.abc import Callable, Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable

import crawleruseragents
from rich.console import Console
from rich.table import Table

_MATOMO = files("device_detector") / "tests" / "fixtures" / "upstream"
_DEVICES = re.compile(
    r"(car_browser|console|desktop|phablet|peripheral|smart_display|smartphone|tablet|tv|wearable)\b.*"
)


def crawlers() -> dict[str, list[str]]:
    """Return lists of bots' user agents, by the name of their source."""
    return {
        "crawler-user-agents": _unique(
            agent for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA for agent in entry["instances"]
        ),
        "Matomo's bots": _user_agents(_MATOMO / "bots.yml"),
    }


def browsers() -> dict[str, list[str]]:
    """Return lists of people's user agents, by the name of their source.

    Matomo's devices are cut down to browsers, which start with "Mozilla/5.0 (" since they run scripts: its
    files also hold the programs that play podcasts or edit texts, which never run the page's script.
    """
    matomo = [file for file in _MATOMO.iterdir() if _DEVICES.fullmatch(file.name)]
    most_used = files("fake_useragent") / "data" / "browsers.jsonl"
    return {
        "fake-useragent": _unique(
            json.loads(line)["useragent"] for line in most_used.read_text().splitlines()
        ),
        "Matomo's devices": _unique(
            agent for file in matomo for agent in _user_agents(file) if agent.startswith("Mozilla/5.0 (")
        ),
    }


def share(is_bot: Callable[[str], bool], user_agents: list[str]) -> float:
    """Return the share of the user agents that are taken for bots."""
    return sum(map(is_bot, user_agents)) / len(user_agents)


def _unique(user_agents: Iterable[str]) -> list[str]:
    return sorted(set(user_agents))


def _user_agents(file: Traversable) -> list[str]:
    """Return a Matomo file's user agents, by their lines: parsing YAML takes far longer."""
    return re.findall(r"""^ *user_agent: ['"]?(\w.*?)['"]?$""", file.read_text(), re.MULTILINE)


def _main() -> None:
    from benchmarks.transform import visitors

    def is_bot(user_agent: str) -> bool:
        return visitors.classify(user_agent)[1]

    table = Table("list", "user agents", "taken for bots", "wrong ones, for example", title="Bots")
    for lists, wanted in ((crawlers(), True), (browsers(), False)):
        for name, user_agents in lists.items():
            wrong = [agent for agent in user_agents if is_bot(agent) != wanted]
            examples = "\n".join(agent[:100] for agent in wrong[:: len(wrong) // 4 + 1])
            table.add_row(name, f"{len(user_agents):,}", f"{share(is_bot, user_agents):.2%}", examples)
    Console(highlight=False).print(table)


if __name__ == "__main__":
    _main()
