"""Where a project stands in the loop, drawn as its five stations, and the next best step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from engine.kinds import is_look, trains
from pages.widgets.errors import literal
from pages.widgets.words import count
from storage import annotations, projects, reports, runs
from storage.database import Database
from storage.projects import Progress
from storage.types import MISSED, SPURIOUS, Project, Run, RunState, Split, Status

ENOUGH_TO_TRAIN = 20
# An image knows nothing of the theme: these tones are legible on light and on dark.
BLUE, GRAY = "#4f7fdc", "#868b94"


@dataclass(frozen=True, slots=True)
class Standing:
    """All that Home shows, read from the database in one go."""

    progress: Progress
    labels: int
    last_run: Run | None
    reported: Run | None
    report: Mapping | None
    split: str
    changed: int

    @property
    def done(self) -> int:
        return self.progress.by_status[Status.DONE]

    @property
    def summary(self) -> str:
        return (
            f"{count(self.progress.documents, 'document')}, {self.done:,} done, "
            f"{count(self.progress.spans, 'span')}, {count(self.labels, 'label')}"
        )

    @property
    def micro_f1(self) -> float | None:
        return self.report[self.split]["entity"]["micro"]["f1"] if self.report else None

    @property
    def weakest(self) -> tuple[str, float, int] | None:
        """The label with the lowest F1 among those that occur: name, F1, support."""
        if not self.report:
            return None
        labels = self.report[self.split]["entity"]["labels"]
        found = [(n, f["f1"], f["support"]) for n, f in labels.items() if f["support"]]
        return min(found, key=lambda label: label[1], default=None)

    @property
    def worst_cell(self) -> tuple[str, str, int] | None:
        """The most frequent confusion outside the diagonal: gold, predicted, count."""
        if not self.report:
            return None
        confusion = self.report[self.split]["confusion"]
        rows, columns = [*confusion["labels"], SPURIOUS], [*confusion["labels"], MISSED]
        cells = [
            (gold, predicted, confusion["counts"][i][j])
            for i, gold in enumerate(rows)
            for j, predicted in enumerate(columns)
            if i != j and confusion["counts"][i][j]
        ]
        return max(cells, key=lambda cell: cell[2], default=None)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do next: why, and the page that does it."""

    why: str
    action: str
    icon: str
    page: str
    params: dict[str, str] = field(default_factory=dict)


def standing(db: Database, project: Project) -> Standing:
    """Read where the project stands."""
    # A look at the documents is the machine's own affair: nobody waits for it.
    known = [run for run in runs.list_runs(db, project.id) if not is_look(run)]
    done = (run for run in known if run.state is RunState.DONE and trains(run))
    reported = next(done, None)
    report = reports.get_report(db, reported.id) if reported else None
    split = next((s for s in ("test", "dev") if report and report.get(s)), "")
    return Standing(
        progress=projects.progress(db, project.id),
        labels=len(project.labels),
        last_run=known[0] if known else None,
        reported=reported,
        report=report if split else None,
        split=split,
        changed=_changed(db, project, reported),
    )


def _changed(db: Database, project: Project, run: Run | None) -> int:
    """Count the documents edited since the run's data was frozen."""
    return annotations.count_edited(db, project.id, run.started_at or "") if run else 0


def next_step(state: Standing) -> Step:
    """Choose the step that helps most now."""
    tag = ("Tag sentences", ":material/ink_highlighter:", "tag.py")
    train = ("Train", ":material/model_training:", "train.py")
    if not state.progress.documents:
        return Step(
            "The project is empty: bring in a file with sentences.",
            "Import a file",
            ":material/upload_file:",
            "data.py",
        )
    if not state.labels:
        return Step(
            "There are no labels to tag with yet.",
            "Add labels",
            ":material/label:",
            "data.py",
            {"section": "Labels"},
        )
    if state.last_run and not state.last_run.state.final:
        return Step("A run is in progress: tag on while it trains.", *tag)
    if state.last_run and state.last_run.state is RunState.FAILED:
        return Step(f"The last run failed: {literal(state.last_run.message)}.", *train)
    if state.progress.done_by_split[Split.TRAIN] < ENOUGH_TO_TRAIN:
        return Step(f"Mark at least {ENOUGH_TO_TRAIN} training sentences as done first.", *tag)
    if not state.reported:
        return Step(f"{state.done:,} sentences are done: enough for a first model.", *train)
    if state.changed:
        noun = "sentence has" if state.changed == 1 else "sentences have"
        return Step(f"{state.changed:,} {noun} changed since the last run: train again.", *train)
    if state.worst_cell:
        return _dig(state)
    return Step("No errors are left in the report: tag more sentences.", *tag)


def _dig(state: Standing) -> Step:
    gold, predicted, count = state.worst_cell or ("", "", 0)
    params = {"run": str(state.reported.id), "split": state.split}
    return Step(
        f"The most frequent confusion is {literal(gold)} → {literal(predicted)} "
        f"({count:,} times): open its sentences and mend what is wrong.",
        "Open these sentences",
        ":material/search:",
        "report.py",
        params | {"gold": gold, "predicted": predicted},
    )


def draw(state: Standing) -> None:
    """Draw the wheel and its five stations; on a narrow screen the stations stack."""
    stations = (
        ("Import", "data.py", f"{state.progress.documents:,}", "documents"),
        ("Tag", "tag.py", f"{state.done:,}", f"done of {state.progress.documents:,}"),
        ("Train", "train.py", *_training(state)),
        ("Report", "report.py", *_reporting(state)),
        ("Mend", "report.py", *_mending(state)),
    )
    st.image(_wheel(state), width="stretch", alt=f"The loop: {state.summary}")
    columns = st.columns(len(stations), gap="small")
    for column, (title, page, number, caption) in zip(columns, stations, strict=True):
        with column.container(border=True, height="stretch"):
            st.page_link(page, label=f"**{title}**")
            st.metric(caption, number)


def _wheel(state: Standing) -> str:
    """Return an SVG: five joined circles, filled as far as the project is, and the way back."""
    reached = (
        state.progress.documents > 0,
        state.done > 0,
        state.last_run is not None,
        state.report is not None,
        state.changed > 0,
    )
    circles = "".join(_circle(number, on) for number, on in enumerate(reached))
    ways = "".join(f'<path d="M{124 + 200 * i} 28h148"/>' for i in range(4))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 90" font-family="sans-serif" '
        'text-anchor="middle"><defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" '
        'markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{GRAY}"/></marker></defs>'
        f'<g fill="none" stroke="{GRAY}" stroke-width="1.5" marker-end="url(#tip)">{ways}'
        '<path d="M900 50c0 34-600 34-600 4"/></g>'
        f'<text x="600" y="70" font-size="13" fill="{GRAY}">train again</text>{circles}</svg>'
    )


def _circle(number: int, on: bool) -> str:
    x = 100 + 200 * number
    return (
        f'<circle cx="{x}" cy="28" r="16" fill="{BLUE if on else "none"}" '
        f'stroke="{BLUE if on else GRAY}" stroke-width="2"/>'
        f'<text x="{x}" y="33" font-size="14" font-weight="600" '
        f'fill="{"#fff" if on else GRAY}">{number + 1}</text>'
    )


def _training(state: Standing) -> tuple[str, str]:
    run = state.last_run
    return (str(run.state), f"run {run.id}") if run else ("–", "no run yet")


def _reporting(state: Standing) -> tuple[str, str]:
    if state.micro_f1 is None:
        return "–", "no report yet"
    return f"{state.micro_f1:.3f}", f"entity F1 on {state.split}, run {state.reported.id}"


def _mending(state: Standing) -> tuple[str, str]:
    if not state.weakest:
        return "–", "nothing to mend yet"
    name, f1, support = state.weakest
    return literal(name), f"weakest label: F1 {f1:.3f}, support {support}"
