"""What was noticed in a file: bad rows, losses, what was assumed; told by file and line."""

from __future__ import annotations

from collections.abc import Mapping

from storage.types import Problem, Severity

# A file with more bad rows than this is no file of its format; also bounds the memory.
MAX_BAD_ROWS = 10_000
MAX_WARNINGS = 1_000
_GUESSED = "files whose encoding was found by their letters"


class Problems:
    """Collects what was noticed in one file; ``skip_bad`` turns bad rows into warnings."""

    def __init__(self, file: str, skip_bad: bool = False) -> None:
        self.file = file
        self.skip_bad = skip_bad
        self.found: list[Problem] = []
        self._bad_rows = 0
        self._warned: dict[str, int] = {}

    @property
    def refused(self) -> bool:
        return self.refused_since(0)

    def refused_since(self, count: int) -> bool:
        """Tell whether there is an error beyond the first ``count`` problems."""
        return any(each.severity is Severity.ERROR for each in self.found[count:])

    def refuse(self, message: str, line: int = 0, option: str = "") -> None:
        """Note an error that no skipping of rows can help."""
        self.found.append(Problem(Severity.ERROR, self.file, line, message, option))

    def drop(self, line: int, message: str, remedy: str = "") -> None:
        """Note a bad row: an error, or with ``skip_bad`` a warning that it was left out.

        Without a ``remedy`` the message says itself what to do.
        """
        if not self._may_list_bad():
            return
        if self.skip_bad:
            self.found.append(
                Problem(Severity.WARNING, self.file, line, f"{message}; the row is left out.")
            )
        else:
            text = f"{message}; {remedy}." if remedy else f"{message}."
            self.found.append(Problem(Severity.ERROR, self.file, line, text, "skip_bad"))

    def warn(self, line: int, message: str, kind: str = "", option: str = "") -> None:
        """Note a warning; of one ``kind`` only the first thousand are listed one by one."""
        if self._may_list(kind):
            self.found.append(Problem(Severity.WARNING, self.file, line, message, option))

    def include(self, part: Problems) -> None:
        """Take over what was noticed in a file that is a part of this one, within its limits."""
        for each in part.found:
            bad = each.severity is Severity.ERROR
            if self._may_list_bad() if bad else self._may_list(_GUESSED if each.option else ""):
                self.found.append(each)

    def follow(self, before: Problems) -> None:
        """Put what was noticed elsewhere in the same file before what is noted here."""
        self.found[:0] = before.found
        self._bad_rows += before._bad_rows
        for kind, count in before._warned.items():
            self._warned[kind] = self._warned.get(kind, 0) + count

    def _may_list_bad(self) -> bool:
        self._bad_rows += 1
        if self._bad_rows == MAX_BAD_ROWS + 1:
            self.refuse(
                f"More than {MAX_BAD_ROWS:,} rows are bad, so this is probably another "
                "format; choose the format yourself."
            )
        return self._bad_rows <= MAX_BAD_ROWS

    def _may_list(self, kind: str) -> bool:
        count = self._warned[kind] = self._warned.get(kind, 0) + 1
        return not kind or count <= MAX_WARNINGS

    def listed(self) -> list[Problem]:
        """Return all problems by line, closed by what was too much to list."""
        more = [
            Problem(
                Severity.WARNING,
                self.file,
                0,
                f"{count - MAX_WARNINGS:,} more warnings of this kind are not listed: {kind}.",
            )
            for kind, count in self._warned.items()
            if kind and count > MAX_WARNINGS
        ]
        return sorted(self.found, key=lambda problem: problem.line) + more


def sentence(problem: Problem, advice: Mapping[str, str] | None = None) -> str:
    """Write a problem as one sentence that names file and line.

    ``advice`` says for an option how it is given, in the words of who shows the sentence.
    """
    where = f"{problem.file}, line {problem.line}" if problem.line else problem.file
    more = (advice or {}).get(problem.option, "")
    return f"{where}: {problem.message}{' ' * bool(more)}{more}"


def shorten(text: str) -> str:
    """Fit a quotation into a message."""
    return text if len(text) <= 40 else text[:39] + "…"
