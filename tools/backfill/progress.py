"""Notes beside a file up to which line it was imported, for each stack and each way of reading it."""

import json
from hashlib import blake2b
from pathlib import Path
from typing import Any


class Progress:
    """One import's entry in the note beside a file."""

    def __init__(self, file: Path, stack_id: str, options: dict[str, Any]) -> None:
        self._path = file.with_name(f"{file.name}.progress")
        self._entries = self._read()
        # Another content, other options, another stack, also one of the same name: another import.
        self._key: dict[str, Any] = {"stack": stack_id, "content": _digest(file), "options": options}
        self._entry = next(
            (entry for entry in self._entries if {**entry, "line": 0} == {**self._key, "line": 0}), None
        )

    @property
    def line(self) -> int:
        """Return the number of the last line that was sent, 0 if none was."""
        return int(self._entry["line"]) if self._entry else 0

    def note(self, line: int) -> None:
        """Write the number of the last line that was sent."""
        if self._entry is None:
            self._entry = dict(self._key)
            self._entries.append(self._entry)
        self._entry["line"] = line
        whole = self._path.with_name(f"{self._path.name}.new")
        whole.write_text("".join(json.dumps(entry) + "\n" for entry in self._entries))
        whole.replace(self._path)  # in one step, so that no stop leaves half a note

    def _read(self) -> list[dict[str, Any]]:
        try:
            return [json.loads(line) for line in self._path.read_text().splitlines()]
        except FileNotFoundError:
            return []
        except ValueError:
            raise ValueError(
                f"{self._path} is no note of an import: delete it to start from the first line"
            ) from None


def _digest(path: Path) -> str:
    digest = blake2b(digest_size=12)
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
