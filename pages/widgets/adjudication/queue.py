"""The documents of a project that wait for a decision, and those that had one, in an order."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from engine.evaluation.confusion import Confusion
from engine.evaluation.figures import known_by
from engine.runner import models, results
from storage.cells import MISSED, SPURIOUS
from storage.collaboration import cases, ordering
from storage.collaboration.cases import Case, Standing
from storage.collaboration.ordering import Reason
from storage.database.store import database
from storage.journal import annotations as journal
from storage.types import Project

_KNOWN = "adjudicate-cases"


@dataclass
class Known:
    """What was found in a project up to an entry of its journal; ``order`` is as it was at first.

    A document that is decided keeps its place, so that nothing moves under who walks by keys.
    """

    project: Project
    stamp: tuple[int, int, int]
    about: Hashable
    """What else they follow from (``cases.Docket``)."""
    cases: dict[int, Case] = field(default_factory=dict)
    reasons: dict[int, Reason] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)

    @property
    def waiting(self) -> list[int]:
        """Those that are not decided, or were edited since."""
        return [id for id in self.order if self.cases[id].standing is not Standing.DECIDED]

    @property
    def decided(self) -> list[int]:
        return [id for id in self.order if self.cases[id].standing is Standing.DECIDED]


def look(project: Project) -> Known:
    """Return a project's cases as they are now; what was edited since is ranked behind the rest."""
    known: Known | None = st.session_state.get(_KNOWN)
    docket = cases.docket(database(), project.id)
    about = project, docket.stamp[1:], docket.about
    if known is None or (known.project, known.stamp[1:], known.about) != about:
        known = st.session_state[_KNOWN] = Known(project, docket.stamp, docket.about)
        _take(known, docket.cases)
    elif known.stamp != docket.stamp:
        edited = journal.edited(database(), project.id, known.stamp[0])
        for id in edited:
            known.cases.pop(id, None)
        _take(known, {id: docket.cases[id] for id in edited if id in docket.cases})
        known.stamp = docket.stamp
    return known


def forget() -> None:
    """Let everything be found anew: a document that was known is not there any more."""
    st.session_state.pop(_KNOWN, None)


def _take(known: Known, found: Mapping[int, Case]) -> None:
    known.cases |= found
    ranked = ordering.rank(found.values(), _confused(known.project))
    known.reasons |= dict(ranked)
    there = set(known.order)
    known.order = [id for id in known.order if id in known.cases]
    known.order += [id for id, _ in ranked if id not in there]


def _confused(project: Project) -> dict[frozenset[str], int]:
    """Return how often the newest run with a table confuses labels, or overlooks one."""
    for run in models(database(), project.id):
        report = results.of_run(database(), run.id) or {}
        split, _ = known_by(report) or ("", 0)
        scores = report.get(split) or {}
        if "confusion" in scores:
            return _counts(Confusion.of(scores))
    return {}


def _counts(table: Confusion) -> dict[frozenset[str], int]:
    counts: dict[frozenset[str], int] = {}
    for gold, row in zip(table.rows, table.counts, strict=True):
        for predicted, number in zip(table.columns, row, strict=True):
            pair = _named((gold, predicted))
            if number and gold != predicted and pair:
                counts[pair] = counts.get(pair, 0) + number
    return counts


def _named(sides: Sequence[str]) -> frozenset[str]:
    return frozenset(sides) - {MISSED, SPURIOUS}
