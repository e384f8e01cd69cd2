"""Builds the documentation's site, and fails for a link, an anchor or a picture that leads nowhere.

The pages of docs/ and those at the root are written for GitHub. This module writes them to build/docs as
Zensical takes them, which builds build/site:

- README is the home page, and the other files of FROM_ROOT are pages too.
- Links between files become links between pages. Links to code lead to the address in SOURCE_URL, such as
  https://github.com/OWNER/REPOSITORY/blob/main; without it they are plain text.
- GitHub takes what is indented to the text of a list's item as its content; Zensical wants four spaces
  (https://python-markdown.github.io/#differences).

Links to other sites are not followed.
"""

import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Pages of the site that are no file of docs/.
FROM_ROOT = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
}
FENCED = re.compile(r"(?ms)(^ *```.*?^ *```[ ]*$)")
ITEM = re.compile(r"^( *)([-*]|\d+\.) +")
# A link: whether it is a picture; its text, which may be a picture itself; its target.
LINK = re.compile(r"(!?)\[((?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*)\]\(([^)\s]+)\)")


def main() -> int:
    """Build the site; print what is wrong and return 1 if a link leads nowhere."""
    source = os.environ.get("SOURCE_URL", "")
    repository = _tracked()
    pages = {page: path for path, page in FROM_ROOT.items()}
    pages |= {name.removeprefix("docs/"): name for name in repository if re.match(r"docs/.*\.md$", name)}
    broken = list(broken_links({path: (ROOT / path).read_text() for path in pages.values()}, repository))
    for problem in broken:
        print(problem, file=sys.stderr)
    if broken:
        return 1
    folder = ROOT / "build" / "docs"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder)
    for page, path in pages.items():
        (folder / page).write_text(fitted((ROOT / path).read_text(), path, source))
    command = ["zensical", "build", "--strict", "--clean"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: S603  # our own
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
    else:
        print(
            f"{len(pages)} pages in {(ROOT / 'build' / 'site').relative_to(ROOT)}, each link leads somewhere"
        )
    return done.returncode


def broken_links(texts: dict[str, str], repository: Collection[str]) -> Iterator[str]:
    """Yield a message for each link of `texts`, by path, to what is no file or folder of `repository`."""
    for path, text in texts.items():
        for prose in FENCED.split(text)[::2]:
            for target in _targets(prose):
                if not _is_elsewhere(target) and _file(path, target) not in repository:
                    yield f"{path}: links to {target}, which is not in the repository"


def fitted(text: str, path: str, source: str) -> str:
    """Return the text of the file `path` as its page on the site; links to code lead to `source`."""
    parts = FENCED.split(indented(text))
    parts[::2] = [linked(part, path, source) for part in parts[::2]]
    return "".join(parts)


def linked(prose: str, path: str, source: str) -> str:
    """Return prose of the file `path`, with links between files as links between pages, or to `source`."""

    def replace(match: re.Match[str]) -> str:
        picture, label, target = match.groups()
        label = LINK.sub(replace, label)
        if _is_elsewhere(target):
            return f"{picture}[{label}]({target})"
        file = _file(path, target)
        anchor = target.removeprefix(target.partition("#")[0])
        if file in FROM_ROOT or (file.startswith("docs/") and posixpath.splitext(file)[1]):
            page = FROM_ROOT.get(file, file.removeprefix("docs/"))
            own = posixpath.dirname(FROM_ROOT.get(path, path.removeprefix("docs/")))
            return f"{picture}[{label}]({posixpath.relpath(page, own or '.')}{anchor})"
        return f"{picture}[{label}]({source}/{file})" if source else label

    return LINK.sub(replace, prose)


def indented(markdown: str) -> str:
    """Return Markdown with four spaces for each level of a list, and a blank line where an item needs one."""
    lines: list[str] = []
    levels: list[int] = []  # columns at which the text of the items around a line begins
    fenced = loose = False  # loose: the item has more than its first paragraph
    for line in markdown.split("\n"):
        column = len(line) - len(line.lstrip())
        item = None if fenced else ITEM.match(line)
        if item and lines and lines[-1] and (loose or not levels):
            lines.append("")
        if line.strip() and not fenced:
            while levels and column < levels[-1]:
                levels.pop()
        around = levels[-1] if levels else 0
        lines.append(" " * 4 * len(levels) + line[min(column, around) :] if line.strip() else "")
        if item:
            levels.append(item.end())
            loose = False
        elif line.lstrip().startswith("```"):
            fenced = not fenced
        elif not line.strip():
            loose = bool(levels)
    return "\n".join(lines)


def _targets(prose: str) -> Iterator[str]:
    for _, label, target in LINK.findall(prose):
        yield target
        yield from _targets(label)


def _is_elsewhere(target: str) -> bool:
    """Tell whether a link leads to another site, or to an anchor of its own page."""
    return bool(re.match(r"https?:|mailto:|#", target))


def _file(path: str, target: str) -> str:
    """Return the file that a link in the file `path` leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target.partition("#")[0]))


def _tracked() -> set[str]:
    """Return the files and folders of the repository."""
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607  # git of the PATH
    files = listing.stdout.splitlines()
    return {*files, *(str(parent) for file in files for parent in Path(file).parents)}


if __name__ == "__main__":
    sys.exit(main())
