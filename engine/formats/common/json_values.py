"""JSON read strictly: one value, or the values of a list one by one, however large it is.

Python's parser accepts NaN, lets the last of two equal keys win, reads lone surrogates
and gives up on deep nesting with a RecursionError; all of these are errors here.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from math import isinf
from typing import Any

from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile, pieces_of
from storage.errors import InputError

Record = dict[str, Any]

# What one item of a list may have: it is read into memory as a whole.
MOST_ITEM = 16 * 1024**2
# A NUL as JSON writes it; a backslash before the "u" that is itself escaped is none.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_BETWEEN = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")


def parse(line: str) -> Record:
    """Parse one line as a JSON object; raise InputError that says what is wrong and where."""
    record = value(line)
    if not isinstance(record, dict):
        raise InputError("The line is not a JSON object in braces")
    return record


def value(line: str) -> Any:
    """Parse JSON of any kind; raise InputError that says what is wrong and where."""
    try:
        record = _DECODER.decode(line)
        _check_characters(record, line)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column" if error.lineno > 1 else "column"
        message = f"The JSON is broken at {where} {error.colno} ({error.msg})"
        raise InputError(message) from error
    except RecursionError as error:
        raise InputError("The JSON is nested too deeply") from error
    except ValueError as error:
        # An integer of thousands of digits.
        raise InputError("The JSON holds a number that is too long") from error
    return record


def stream(source: InputFile, problems: Problems) -> Iterator[tuple[int, Any]]:
    """Yield (line, value) of a list's items, or of values that simply follow each other.

    After an error there is no telling where the next one begins: the file is refused.
    """
    return _Stream(source, problems).values()


class _Stream:
    """The text that is read by now and not yet taken, and where in the file it is."""

    def __init__(self, source: InputFile, problems: Problems) -> None:
        self._pieces = pieces_of(source, problems)
        self._problems = problems
        self._text = ""
        self._at = 0
        self._line = 1
        self._is_list = False

    def values(self) -> Iterator[tuple[int, Any]]:
        self._skip()
        self._is_list = self._text.startswith("[", self._at)
        if self._is_list:
            self._move(self._at + 1)
            self._skip()
        while self._at < len(self._text):
            if self._is_list and self._text[self._at] == "]":
                self._close()
                return
            line = self._line
            try:
                value = self._next()
            except InputError as error:
                self._problems.refuse(f"{error}; correct the file.", line)
                return
            yield line, value
            self._skip()
        if self._is_list and not self._problems.refused:
            self._problems.refuse("The list is not closed: the file is cut off.", self._line)

    def _close(self) -> None:
        self._move(self._at + 1)
        self._skip()
        if self._at < len(self._text):
            self._problems.refuse("There is more behind the list's end.", self._line)

    def _next(self) -> Any:
        """Take one value, reading on as long as it may be only cut off."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if len(self._text) - self._at <= MOST_ITEM and self._read():
                    continue
                raise InputError(f"The JSON is broken ({error.msg})") from error
            except RecursionError as error:
                raise InputError("The JSON is nested too deeply") from error
            except ValueError as error:
                raise InputError("The JSON holds a number that is too long") from error
            # A number may go on in what was not read yet.
            if end < len(self._text) or not self._read():
                _check_characters(value, self._text[self._at : end])
                self._move(end)
                return value

    def _skip(self) -> None:
        """Go to the next value: over blanks, and one comma at most."""
        while True:
            match = _BETWEEN.match(self._text, self._at)
            assert match, "the pattern matches nothing, too"
            if match.end() < len(self._text) or not self._read():
                self._move(match.end())
                return

    def _read(self) -> bool:
        piece = next(self._pieces, "")
        self._text = self._text[self._at :] + piece
        self._at = 0
        return bool(piece)

    def _move(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to


def _refuse_constant(name: str) -> None:
    raise InputError(f"{name} is not a JSON value")


def _finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise InputError(f"The number {shorten(digits)} is too large")
    return number


def _check_characters(value: Any, written: str) -> None:
    """Raise InputError for what only an escape can write, and no text can hold."""
    if "\\u" not in written:
        return
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError("The line has half of a surrogate pair, which is no character") from error
    if _NUL.search(text):
        raise InputError("The line has a NUL character")


def _unique(pairs: list[tuple[str, object]]) -> Record:
    record = dict(pairs)
    if len(record) < len(pairs):
        (twice, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise InputError(f'The key "{shorten(twice)}" is there twice')
    return record


_DECODER = json.JSONDecoder(
    parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_unique
)


def literal(text: str) -> Any:
    """Return the value that JSON, or Python where pandas wrote a list into a cell, spells.

    Raises ValueError where it is neither.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text.strip())
    except (SyntaxError, RecursionError, MemoryError, TypeError) as error:
        raise ValueError(str(error)) from error
