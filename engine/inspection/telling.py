"""What the formats tell of a finished run, read from its folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from engine import tasks
from engine.evaluation.figures import SPLITS
from engine.evaluation.slices import figures
from engine.exports import subject
from engine.exports.subject import Subject
from engine.runner import folder_of
from engine.runner.results import read_report
from engine.runs import events, facts, snapshot, spec
from engine.tasks.learnable import LearnableLabels
from storage.types import Run, Split


def told_of(run: Run, split: Split | None = None) -> Subject:
    """Read what the formats tell of a finished run, of both splits or of one.

    Raises:
        RunFolderError: what the run has left is damaged.
    """
    folder = folder_of(run)
    report, task = read_report(folder), tasks.get(spec.read(folder).task)
    return Subject(
        title=run.title,
        report=report,
        pipeline=task.pipeline_tag,
        words=task.words,
        two_texts="second_text" in task.columns,
        finished=(run.finished_at or "")[:10],
        splits=(str(split),) if split else SPLITS,
        notes=LearnableLabels.left_out(report).sentences,
        data=subject.count(snapshot.stream(folder, tokens=False)),
        events=partial(_events, folder / events.FILE),
        slices=partial(_slices, folder),
    )


def _events(path: Path) -> list[dict[str, Any]]:
    return events.read(path)[0]


def _slices(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the figures of computed slices by split."""
    matches = snapshot.read_matches(folder)
    held = facts.slices(folder, matches)
    found = {str(split): figures.of_matches(matches[split], names) for split, names in held.items()}
    return {split: [each.to_json() for each in slices] for split, slices in found.items()}
