"""JSON: the whole report in the form of now, and what the frozen data hold."""

from __future__ import annotations

import json
from dataclasses import asdict

from engine.evaluation.figures import SPLITS
from engine.exports.subject import Subject


def render(subject: Subject) -> str:
    """Return one object: ``report.json`` with the splits asked for, ``counts`` and ``slices``.

    Both are by split; of the slices the costliest comes first.
    """
    kept = {name: part for name, part in subject.report.items() if name not in SPLITS}
    counts = {name: asdict(part) for name, part in subject.data.items()}
    slices = {name: found for name, found in subject.slices().items() if name in subject.scores}
    found = {**kept, **subject.scores, "counts": counts, "slices": slices}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
