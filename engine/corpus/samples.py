"""The sample projects: a small corpus of each task, to look around in. Texts are our own.

Each has some documents that nobody has labelled yet, so that there is something to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.corpus import importing
from engine.formats.common.base import Options
from storage.types import Document, Split, Task

FOLDER = Path(__file__).parent / "sample"


@dataclass(frozen=True, slots=True)
class Sample:
    """A corpus that Whetstone brings: train.jsonl, dev.jsonl and test.jsonl in one folder."""

    name: str
    """What its project is called."""
    task: str
    folder: Path
    labels: Mapping[str, str]
    """What each label means, in the order of the labels."""
    options: Options = field(default_factory=dict)
    """Which columns hold what (see ``engine.formats``)."""

    def documents(self) -> tuple[Document, ...]:
        """Read the files of all splits."""
        files = [self.folder / f"{split}.jsonl" for split in Split]
        return importing.plan(files, task=self.task, options=self.options).documents_to_add


ENTITIES = Sample(
    "Sample project",
    Task.SPANS,
    FOLDER / "spans",
    {
        "PER": "People, families and fictional persons; titles stay outside",
        "ORG": "Companies, clubs, authorities, media, schools, hospitals",
        "LOC": "Countries, cities, regions, waters, streets, buildings",
        "MISC": "Nationalities, languages, events, works, products",
    },
)
LETTERS = Sample(
    "Sample project: letters",
    Task.CLASSES,
    FOLDER / "classes",
    {
        "bike/broken": "Something of the bike does not work and has to be repaired",
        "bike/missing": "There is no bike where one should be, or it was stolen",
        "payment/charge": "Money was taken, and the customer asks why or how much",
        "payment/refund": "The customer wants money back, or waits for it",
        "account/login": "The customer cannot get into the account",
        "account/close": "The customer wants to leave: account, pass or data",
        "station/full": "There is no free place to return the bike",
        "praise": "Nothing is wrong: thanks and compliments",
    },
)
ANSWERS = Sample(
    "Sample project: answers",
    Task.PAIRS,
    FOLDER / "pairs",
    {
        "match": "The answer is what the question asks for",
        "no match": "The answer is about something else",
    },
    {"text_column": "question", "second_column": "answer", "label_column": "label"},
)
SAMPLES = (ENTITIES, LETTERS, ANSWERS)
