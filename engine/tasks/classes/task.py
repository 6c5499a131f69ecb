"""Document classes as a task: a text has one label, or several. The heavy half is the head's."""

from __future__ import annotations

from engine.tasks.classification import scoring
from engine.tasks.classification.task import Classification
from storage.types import Task
from storage.words import SEVERAL

_NOTHING = "No training document has a label: give a few of them one on the Tag page."

CLASSES = Classification(
    Task.CLASSES.value,
    False,
    ("text", "label"),
    _NOTHING,
    "Classes: one label for each text",
    Task.MULTILABEL.value,
    # It is what micro F1 is here, which intervals and comparisons are of.
    shown=(scoring.ACCURACY, scoring.MACRO),
)
MULTILABEL = Classification(
    Task.MULTILABEL.value,
    True,
    ("text", "labels"),
    _NOTHING,
    "Classes: several labels for each text",
    Task.MULTILABEL.value,
    portable="engine.tasks.classification.portable:Several",
    words=SEVERAL,
    shown=(scoring.MICRO, scoring.MACRO, scoring.EXACT),
)
