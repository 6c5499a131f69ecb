"""What the database must know of a task: which marks and edits its documents take.

Standard library only. All else is in ``engine/tasks``, whose registry tells it here. A project
whose task nobody has told of keeps the marks of spans, and takes every edit.
"""

from __future__ import annotations

from collections.abc import Collection

from storage.words import CLASSES, PAIRS, SEVERAL, SPANS, Words

_ON_MARKS = ("add", "remove", "relabel", "reject", "unreject", "confirm", "unconfirm")
_ON_DOCUMENTS = ("status", "flag", "comment")
# A mark of the whole document has no borders that could be moved.
EDITS_OF_WHOLE = frozenset((*_ON_MARKS, *_ON_DOCUMENTS))
EDITS_OF_SPANS = EDITS_OF_WHOLE | {"move"}

_MARKS_WHOLE: dict[str, bool] = {
    "spans": False,
    **dict.fromkeys(("classes", "multilabel", "pairs"), True),
}
_EDITS: dict[str, Collection[str]] = {
    name: EDITS_OF_WHOLE if whole else EDITS_OF_SPANS for name, whole in _MARKS_WHOLE.items()
}
_WORDS = {"spans": SPANS, "classes": CLASSES, "multilabel": SEVERAL, "pairs": PAIRS}


def register(name: str, marks_whole: bool, edits: Collection[str], words: Words) -> None:
    """Say whether a task's marks are of whole documents, which edits it takes, and its words."""
    _MARKS_WHOLE[name] = marks_whole
    _EDITS[name] = edits
    _WORDS[name] = words


def marks_whole(name: str) -> bool:
    """Tell whether marks of a task stand for whole documents; else each has a range."""
    return _MARKS_WHOLE.get(name, False)


def edits(name: str) -> Collection[str] | None:
    """Return the kinds of edit that a task takes; None where nobody has told of it: all."""
    return _EDITS.get(name)


def words(name: str) -> Words:
    """Return what people call the things of a task; those of spans where nobody has told of it."""
    return _WORDS.get(name, SPANS)
