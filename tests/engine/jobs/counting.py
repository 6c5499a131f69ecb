"""A kind of run that no module of Whetstone knows: it counts the words of what is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from engine.jobs import kinds
from engine.jobs.kind import Kind
from engine.runs import files, snapshot
from engine.runs.spec import RunSpec

COUNT = Kind(
    "word count",
    "tests.engine.jobs.counting:count",
    options=("shortest",),
    purpose=lambda run: f"counts words of {run.settings['shortest']} characters",
    badge="Count",
    icon="numbers",
    doing="is counting",
    without_report="counted words and has no report",
)


def count(folder: Path, asked: RunSpec, watch: object, permit: Callable[[], None]) -> str:
    """Count the words that are not too short."""
    lengths = [end - start for each in snapshot.read(folder) for start, end in each.tokens]
    words = sum(length >= asked.options["shortest"] for length in lengths)
    permit()
    files.put(folder / files.REPORT, json.dumps({"words": words, "dev": None, "test": None}))
    return f"{words:,} words."


kinds.register(COUNT)
