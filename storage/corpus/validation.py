"""What the database takes as a name or a text, whoever brings it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from unicodedata import category

from storage.accounts import names
from storage.cells import MISSED, SPURIOUS
from storage.engines.queries import dumps
from storage.errors import InputError, RefusedError

# Controls, line and paragraph separators, halves of surrogate pairs.
UNSEEN = ("Cc", "Zl", "Zp", "Cs")
LONGEST_NAME = 200
# A NUL as JSON writes it; a backslash before the "u" that is itself escaped is none.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def name(value: str, what: str) -> str:
    """Return a project's or a label's name without outer spaces; raises InputError."""
    value = value.strip()
    if not value:
        raise InputError(f"The {what} has no name: give it one.")
    if len(value) > LONGEST_NAME:
        raise InputError(
            f'The {what} name "{value[:30]}…" has {len(value)} characters: '
            f"use at most {LONGEST_NAME}."
        )
    if any(category(character) in UNSEEN for character in value):
        raise InputError(
            f"The {what} name {value!a} holds an invisible character: use letters and signs."
        )
    return value


def person(value: str) -> str:
    """Return a person's name as ``name`` does; raises InputError for what is nobody's."""
    value = name(value, "annotator")
    if names.is_nobodys(value):
        raise InputError(
            f"{value} stands for what several people made of a document: give the labels the name "
            "of a person."
        )
    return value


def label_name(value: str) -> str:
    """Return a label's name; raises InputError as ``name``, and for what means no label."""
    value = name(value, "label")
    if value in (MISSED, SPURIOUS):
        raise InputError(
            f'No label can be called "{value}", as a row or a column of the confusion table '
            "is: choose another name."
        )
    return value


def record(value: Mapping[str, object], what: str) -> str:
    """Return what a file keeps beside its text as JSON; raises InputError.

    Every database must be able to store it.
    """
    try:
        written = dumps(value)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{what} holds a value that JSON cannot hold, such as a number too large: remove it."
        ) from error
    text(written, what)
    if "\\u0000" in written and _NUL.search(written):
        raise InputError(f"{what} holds a NUL character: remove it.")
    return written


def text(value: str, what: str) -> str:
    """Return a text that every database can store; raises InputError.

    SQLite counts a text only up to its first NUL, PostgreSQL takes none, and half a
    surrogate pair has no UTF-8.
    """
    if "\0" in value:
        raise InputError(f"{what} holds a NUL character: remove it.")
    if value.isascii():
        return value
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"{what} holds half a surrogate pair at character {error.start}: "
            "save the file as UTF-8 again."
        ) from error
    return value


def short(value: str, what: str) -> str:
    """Return a machine's short name for something; raises RefusedError."""
    good = isinstance(value, str) and 1 <= len(value) <= 64
    if not (good and value.isascii() and value.isprintable()):
        raise RefusedError(f"The {what}'s name is not a short text: reload the page.")
    return value
