"""Cells that a spreadsheet would run as formulas: kept from it, and given back as they were.

A cell that begins with one of a few characters is a formula, and a formula can call programs
or send what stands beside it elsewhere (CWE-1236; OWASP, "CSV Injection"). An apostrophe before
it makes it text. In documents a word joiner follows the apostrophe: nobody writes the two by
hand, so what we wrote is known when it comes back, and a foreign text such as "'@ada said so'"
is never taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from engine.formats.common.problems import Problems, shorten

# The last four are the wide forms, which some spreadsheets take for the others.
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
MARK = "'\u2060"
# So many cells are quoted when they are told.
EXAMPLES = 3
_INSIDE = re.compile(r"[,;\t|] *[=+\-@＝＋－＠](?![\d.\s]|$)")


def neutral(value: Any) -> Any:
    """Return a value as it may stand in a spreadsheet: no text becomes a formula."""
    return f"'{value}" if isinstance(value, str) and is_formula(value) else value


def escape(cell: str) -> str:
    """Return a cell that no spreadsheet runs, of which `restore` makes the cell again."""
    return MARK + cell if cell.startswith(MARK) or is_formula(cell) else cell


def restore(cell: str) -> str:
    """Return a cell as it was before `escape`; one that it did not change stays as it is."""
    return cell.removeprefix(MARK)


class Neutralised:
    """Counts the cells of a file that `escape` changed, so that the export can tell them."""

    def __init__(self) -> None:
        self._count = 0
        self._examples: dict[str, None] = {}

    def note(self, cells: Iterable[str]) -> None:
        """Take notice of a row before it is escaped."""
        for cell in cells:
            if escape(cell) != cell:
                self._count += 1
                if len(self._examples) < EXAMPLES:
                    self._examples[shorten(cell)] = None

    def tell(self, problems: Problems) -> None:
        """Say how many there were, with the first few."""
        if self._count:
            quoted = ", ".join(f'"{example}"' for example in self._examples)
            problems.warn(
                0,
                "Cells that a spreadsheet would run as formulas begin with an apostrophe in the "
                f"file, and come back without it: {self._count:,}, as {quoted}.",
            )


def is_formula_inside(cell: str) -> bool:
    """Tell whether a part of a cell is a formula where another character parts the cells.

    Spreadsheets take the separator from the country: "a;=1" in a file with commas is two cells
    in Germany, unless quotes hold it together.
    """
    return _INSIDE.search(cell) is not None


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet would run a text; a number that begins with a sign is none."""
    # Some spreadsheets leave an empty line before the rest out.
    return text.lstrip("\n").startswith(BEGINNINGS) and not _is_number(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isprintable()
