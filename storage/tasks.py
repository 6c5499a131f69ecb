"""What the database must know of a task: which marks its documents take. Standard library only.

All else is in ``engine/tasks``, whose registry tells it here. A project whose task nobody has
told of keeps the marks of spans.
"""

from __future__ import annotations

_MARKS_WHOLE: dict[str, bool] = {
    "spans": False,
    **dict.fromkeys(("classes", "multilabel", "pairs"), True),
}


def register(name: str, marks_whole: bool) -> None:
    """Say whether a task's marks stand for whole documents, with the empty range (0, 0)."""
    _MARKS_WHOLE[name] = marks_whole


def marks_whole(name: str) -> bool:
    """Tell whether marks of a task stand for whole documents; else each has a range."""
    return _MARKS_WHOLE.get(name, False)
