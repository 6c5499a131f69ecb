"""How much text the cells of a workbook show, counted before it is read.

A string is in the file once, whichever cells show it, and becomes a text in each of them: a file
of some kilobytes may fill the memory (CWE-409).
"""

from __future__ import annotations

import re
from array import array

import numpy as np

_STRING = re.compile(rb"[<:]si[\s/>]")
# A cell that shows a shared string; and one of which the number of the string stands behind it.
_CELL = re.compile(rb"""\bt\s*=\s*["']s["'](?:[^<>]*[^/<>])?>""")
_SHOWN = re.compile(_CELL.pattern + rb"""\s*(?:<(?:\w+:)?v[^<>]*>\s*([0-9]{0,9})\s*<|</)""")
# So much of a piece may belong to a cell or a tag that goes on in the next one.
_OPEN = 4_096


class Repeated:
    """What the parts of a workbook hold, piece by piece; any part may be anything."""

    def __init__(self) -> None:
        self._strings: list[array[int]] = []
        self._shown = array("I")
        self._loose = 0
        self._rest = b""

    def begin(self) -> None:
        """Begin another part."""
        self._rest = b""
        self._strings.append(array("Q"))

    def add(self, piece: bytes) -> None:
        """Look at the next piece of the part; an empty one is its end."""
        text = self._rest + piece
        cut = len(text)
        if piece:
            # Both begin with a tag; of a cell the number stands in another one.
            cut = max(
                text.rfind(b"<c"),
                text.rfind(b":c "),
                text.rfind(b"<si"),
                text.rfind(b":si"),
                cut - _OPEN,
                0,
            )
        whole, self._rest = text[:cut], text[cut:]
        numbers = _SHOWN.findall(whole)
        self._loose += len(_CELL.findall(whole)) - len(numbers)
        self._shown.extend(int(each) for each in numbers if each)
        self._measure(whole)

    def _measure(self, whole: bytes) -> None:
        """Take what is between two strings' beginnings for the length of the first."""
        lengths, at = self._strings[-1], 0
        for match in _STRING.finditer(whole):
            if lengths:
                lengths[-1] += match.start() - at
            lengths.append(0)
            at = match.start()
        if lengths:
            lengths[-1] += len(whole) - at

    @property
    def bytes(self) -> int:
        """How much text there is in all cells together, or somewhat more."""
        shown = np.frombuffer(self._shown, np.uint32) if self._shown else np.zeros(0, np.uint32)
        said = longest = 0
        for each in self._strings:
            lengths = np.frombuffer(each, np.uint64) if each else np.zeros(1, np.uint64)
            longest = max(longest, int(lengths.max()))
            said = max(said, int(lengths[shown[shown < len(lengths)]].sum()))
        # Of a cell that is written in another way nobody knows which string it shows.
        return said + self._loose * longest
