"""A focus: the label or the confusion that a project works on, in three steps, until it is done.

Its sentences are mended, the guideline settles its labels, a run learns what is new. Where a
project stands with it outlives a page: it is a setting. It opens a round of the notebook, which
the next training closes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from engine.runner import again
from storage import branches
from storage.cells import MISSED, SPURIOUS, Cell, Only
from storage.corpus import projects
from storage.corpus.projects import focus_key
from storage.database import settings
from storage.database.connection import Database
from storage.errors import NotFoundError
from storage.finding.selection import Order, Selection
from storage.knowledge import notebook
from storage.runs import reports, runs, visits
from storage.types import Project, Run, Span

# So many sentences stand in the guideline's section, so many characters around their words.
EXAMPLES, AROUND = 5, 40
# What stands in a cell's name where there is no label.
NONE = (MISSED, SPURIOUS, "")


@dataclass(frozen=True, slots=True)
class Focus:
    """A cell of which report, and which steps are behind one; without ``predicted`` all errors
    of the label ``gold``.
    """

    run: int
    split: str
    gold: str
    predicted: str
    settled: bool = False
    """The guideline has a section about them."""
    next: int | None = None
    """The run that learns what was mended."""

    @property
    def cell(self) -> Cell:
        only = Only.ALL if self.predicted else Only.ERRORS
        return Cell(self.run, self.split, self.gold, self.predicted, only)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels that it is about: one where the other side is none."""
        return tuple(side for side in (self.gold, self.predicted) if side not in NONE)

    @property
    def title(self) -> str:
        return self.cell.title

    @property
    def queue(self) -> str:
        """Return what the address of the Tag page says."""
        order = Order.FOCUS if len(self.labels) == 2 else Order.CELL
        return Selection(order, cell=self.cell).name


def can(cell: Cell) -> bool:
    """Tell whether a part of a table is a cell that is wrong, or all errors of a label."""
    sides = {cell.gold, cell.predicted}
    if any(branches.stem(side) for side in sides) or sides <= {*NONE}:
        return False
    if cell.only is Only.ERRORS:
        return cell.gold not in NONE
    return not cell.only and len(sides) == 2 and "" not in sides


def begin(db: Database, project_id: int, cell: Cell) -> Focus:
    """Let a project work on a label or a cell, in place of the one before; opens its round."""
    predicted = "" if cell.only is Only.ERRORS else cell.predicted
    focus = Focus(cell.run, cell.split, cell.gold, predicted)
    about = {"split": focus.split, "said": _said(db, focus)}
    about |= {"gold": focus.gold, "predicted": predicted} if predicted else {"label": focus.gold}
    goal, by = f"Focus: {focus.title}", settings.annotator(db)
    notebook.begin(db, project_id, goal, about, focus.run, by)
    return _put(db, project_id, focus)


def _said(db: Database, focus: Focus) -> str:
    """Say how often it went wrong where it was seen."""
    number, run = reports.count_cell(db, focus.cell), runs.get_run(db, focus.run)
    return f"{focus.title}: {number:,} on {focus.split} in {run.title}."


def current(db: Database, project_id: int) -> Focus | None:
    """Return what a project works on; None where it is nothing, or its run was deleted."""
    found = settings.get(db, focus_key(project_id))
    focus = _read(found) if isinstance(found, dict) else None
    if focus is None:
        return None
    try:
        run = runs.get_run(db, focus.run)
    except NotFoundError:
        return None
    return focus if run.project_id == project_id else None


def finish(db: Database, project_id: int) -> None:
    """Let a project work on nothing any more; what was done for it stays, also in its round."""
    notebook.give_up(db, project_id)
    settings.put(db, focus_key(project_id), None)


def looked_at(db: Database, focus: Focus) -> tuple[int, int]:
    """Return how many places of the confusion somebody has looked at in the tagger, of how many."""
    return visits.count(db, focus.cell), reports.count_cell(db, focus.cell)


def section(db: Database, project: Project, focus: Focus) -> str:
    """Return a section for the guideline, in Markdown: its labels, and where they went wrong.

    Texts and names are code there: nothing in them can be read as Markdown.
    """
    names = [_code(name) for name in focus.labels]
    about = {label.name: label.description for label in project.labels}
    labels = [f"- {_code(n)}: {about.get(n) or '…'}" for n in focus.labels]
    rows = reports.cell(db, focus.cell, limit=EXAMPLES).rows
    examples = [_example(row.text, row.match.gold) for row in rows if row.match.gold]
    examples = examples or [_example(row.text, row.match.place) for row in rows]
    two = len(names) == 2
    parts = [
        f"## {names[0]} or {names[1]}?" if two else f"## When is it {names[0]}?",
        "\n".join(labels),
        f"Labelled {names[0]}, taken for {names[1]} by the model:"
        if two
        else "Where the model went wrong:",
        "\n".join(examples),
        "When in doubt between the two: …" if two else "When in doubt: …",
    ]
    return "\n\n".join(parts) + "\n"


def settle(db: Database, project_id: int, focus: Focus, text: str) -> Focus:
    """Put a section behind the guideline; what stands there stays as it is."""
    projects.append_guideline(db, project_id, text)
    return _put(db, project_id, replace(focus, settled=True))


def train(db: Database, project_id: int, focus: Focus) -> Run:
    """Queue a run as the one of the report was, with the labels of now; raises as ``again``."""
    run = again(db, runs.get_run(db, focus.run))
    runs.set_note(db, run.id, f"Focus: {focus.title}")
    _put(db, project_id, replace(focus, next=run.id))
    return run


def next_run(db: Database, focus: Focus) -> Run | None:
    """Return the run that learns what was mended; None before, and where it was deleted."""
    if focus.next is None:
        return None
    try:
        return runs.get_run(db, focus.next)
    except NotFoundError:
        return None


def _put(db: Database, project_id: int, focus: Focus) -> Focus:
    settings.put(db, focus_key(project_id), asdict(focus))
    return focus


def _read(found: dict[str, Any]) -> Focus | None:
    try:
        return Focus(**found)
    except TypeError:
        # Another version's: what it meant is not known here.
        return None


def _example(text: str, span: Span) -> str:
    """Return a line of a list: the words, and what stands around them."""
    start, end = max(0, span.start - AROUND), min(len(text), span.end + AROUND)
    before, after = "…" if start else "", "…" if end < len(text) else ""
    around = f"{before}{text[start:end]}{after}"
    return f"- {_code(text[span.start : span.end])} in {_code(around)}"


def _code(text: str) -> str:
    """Return Markdown that shows a text as it is, on one line."""
    return f"`{' '.join(text.replace('`', 'ˋ').split()) or ' '}`"
