"""The words of docs/glossary.md, held in every file of the project."""

import re
import subprocess

from tests.support import ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
TEXT = {".css", ".html", ".js", ".json", ".md", ".py", ".sh", ".sql", ".svg", ".toml", ".yaml", ".yml"}


def unused_words() -> list[str]:
    """Return the words of the glossary's last table that stand left of what is written instead."""
    section = GLOSSARY.read_text().split("\n## Words that are not used\n")[1]
    cells = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`(.+?)`", cell)]


def test_no_file_uses_a_word_that_the_glossary_replaces() -> None:
    words = unused_words()
    assert "work group" in words
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in listing.stdout.splitlines()]
    replaced = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in paths
        if path.suffix in TEXT and path not in (GLOSSARY, ROOT / "tests" / "contract" / "test_glossary.py")
        for match in pattern.finditer(path.read_text())
    ]
    assert replaced == []
