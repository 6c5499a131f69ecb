"""Where a project stands in the loop, and the one step that helps most now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.evaluation.figures import known_by, of_labels
from engine.evaluation.findings import Weakness, weakest
from engine.runner import changes, models, results
from engine.runner.changes import Changes
from pages.widgets.common import words
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.cells import Cell
from storage.database.connection import Database
from storage.finding import progress
from storage.finding.progress import Progress
from storage.finding.selection import Order, Selection
from storage.runs import runs
from storage.serving import versions
from storage.serving.versions import Version
from storage.types import Project, Run, RunState, Split, Status
from storage.words import SPANS, Words

ENOUGH_TO_TRAIN = 20
LAST_RUNS = 12


@dataclass(frozen=True, slots=True)
class Scored:
    """A finished training with its report, seen on one split."""

    run: Run
    report: Mapping
    split: str

    @property
    def scores(self) -> Mapping:
        return self.report[self.split]

    @property
    def labels(self) -> Mapping[str, Mapping]:
        """Return the figures of every label."""
        return of_labels(self.scores)

    @property
    def f1(self) -> float:
        return self.scores["headline"]["value"]

    @property
    def support(self) -> int:
        """How many spans of people it was scored on."""
        return self.scores["headline"]["support"]

    @property
    def by_label(self) -> dict[str, float]:
        """Return the F1 of every label that people gave."""
        return {name: row["f1"] for name, row in self.labels.items() if row["support"]}


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """All that Home shows, read from the database in one go."""

    progress: Progress
    labels: int
    last_run: Run | None
    """The newest run that a person started."""
    scored: Sequence[Scored] = ()
    """The last trainings that have scores, the newest first."""
    learned: Run | None = None
    """The newest training that is done, scored or not."""
    live: Version | None = None
    """The version that is live, which may be an older training's."""
    words: Words = SPANS
    """What people call the things of its task."""
    changes: Changes = Changes()
    """What changed since that one's data was frozen."""

    @property
    def done(self) -> int:
        return self.progress.by_status[Status.DONE]

    @property
    def summary(self) -> str:
        return (
            f"{count(self.progress.documents, 'document')}, {self.done:,} done, "
            f"{count(self.progress.spans, self.words.mark)}, {self._labels}"
        )

    @property
    def _labels(self) -> str:
        """Say how many labels there are; where marks are labels, these are different ones."""
        other = "different " if self.words.mark == self.words.label else ""
        return count(self.labels, f"{other}{self.words.label}")

    @property
    def newest(self) -> Scored | None:
        return self.scored[0] if self.scored else None

    @property
    def weakest(self) -> Weakness | None:
        """The weakest label with its two most frequent mistakes; the report tells the rest."""
        found = weakest(self.newest.scores, self.words) if self.newest else None
        return replace(found, mistakes=found.mistakes[:2]) if found else None


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do next: why, and the page that does it."""

    why: str
    action: str
    icon: str
    page: str
    params: dict[str, str] = field(default_factory=dict)
    told_by: str = ""
    """The page whose sentences it opens: for those alone who may open that."""


def read(db: Database, project: Project) -> ProjectSummary:
    """Read where the project stands."""
    # What runs by itself is the machine's own affair: nobody waits for it.
    known = runs.list_runs(db, project.id, runs.Which(numbered=True), most=1)
    done = models(db, project.id, most=LAST_RUNS)
    return ProjectSummary(
        progress=progress.of(db, project.id),
        labels=len(project.labels),
        words=words.of(project),
        last_run=known[0] if known else None,
        scored=_scored(db, done),
        learned=done[0] if done else None,
        live=versions.live(db, project.id),
        changes=changes.since(db, done[0]) if done else Changes(),
    )


def _scored(db: Database, done: Sequence[Run]) -> list[Scored]:
    """Read the reports; one that is scored on another split than the newest is left out."""
    found = []
    for run in done:
        report = results.of_run(db, run.id) or {}
        if known := known_by(report):
            found.append(Scored(run, report, known[0]))
    return [one for one in found if one.split == found[0].split]


def next_step(state: ProjectSummary) -> NextStep:
    """Choose the step that helps most now."""
    noun = state.words.documents
    tag = (f"Tag {noun}", ":material/ink_highlighter:", "tag.py")
    train = ("Train", ":material/model_training:", "train.py")
    if not state.progress.documents:
        return NextStep(
            f"The project is empty: bring in a file with {noun}.",
            "Import a file",
            ":material/upload_file:",
            "data.py",
        )
    if not state.labels:
        return NextStep(
            f"There are no {state.words.label}s to tag with yet.",
            f"Add {state.words.label}s",
            ":material/label:",
            "data.py",
            {"section": "Labels"},
        )
    if state.last_run and not state.last_run.state.final:
        return NextStep(f"{state.last_run.title} is in progress: tag on while it trains.", *tag)
    if state.last_run and state.last_run.state is RunState.FAILED:
        message = literal(state.last_run.message.rstrip("."))
        return NextStep(f"{state.last_run.title} failed: {message}.", *train)
    if not state.learned:
        return _first_run(state, tag, train)
    if state.changes.total:
        fresh = changed(state.changes, state.words)
        return NextStep(f"{fresh} since {_in(state)}: train again.", *train)
    if state.weakest:
        return _mend(state)
    return NextStep(f"The report shows no errors: tag more {noun}.", *tag)


def labelling(state: ProjectSummary) -> NextStep | None:
    """Return the step of whoever may do no other; None where there is nothing to label."""
    if not state.progress.documents or not state.labels:
        return None
    noun, left = state.words.documents, state.progress.documents - state.done
    why = f"{count(left, state.words.document)} to do." if left else f"All {noun} are done."
    return NextStep(why, f"Tag {noun}", ":material/ink_highlighter:", "tag.py")


def _first_run(state: ProjectSummary, tag: tuple, train: tuple) -> NextStep:
    ready = state.progress.done_by_split[Split.TRAIN]
    if ready < ENOUGH_TO_TRAIN:
        missing = count(ENOUGH_TO_TRAIN - ready, f"more {state.words.document}")
        return NextStep(f"Tag {missing} and mark them as done, then train a first model.", *tag)
    done = f"{state.done:,} {state.words.documents} are done"
    return NextStep(f"{done}: enough for a first model.", *train)


def _in(state: ProjectSummary) -> str:
    """Name the newest training inside a sentence."""
    return state.learned.title[0].lower() + state.learned.title[1:]


def changed(changes: Changes, words: Words = SPANS) -> str:
    """Say what changed: "1 sentence was mended and 3 became done"."""
    parts = []
    if changes.mended:
        were = "was" if changes.mended == 1 else "were"
        parts.append(f"{count(changes.mended, words.document)} {were} mended")
    if changes.added:
        noun = "" if parts else f" {words.document if changes.added == 1 else words.documents}"
        parts.append(f"{changes.added:,}{noun} became done")
    return " and ".join(parts)


def _mend(state: ProjectSummary) -> NextStep:
    """Go through the sentences of the weakest label's most frequent mistake in the tagger."""
    label = state.weakest.label
    return NextStep(
        f"Mend what {_in(state)} gets wrong in {literal(label)}, then train again.",
        f"Mend {literal(label)}",
        ":material/ink_highlighter:",
        "tag.py",
        {"queue": Selection(Order.CELL, cell=worst_cell(state)).name},
        told_by="report.py",
    )


def worst_cell(state: ProjectSummary) -> Cell:
    """Return the part of the report that holds the weakest label's most frequent mistake."""
    return state.weakest.worst.cell(state.newest.run.id, state.newest.split)
