"""The report's other tables: per label, per token tag, and every kind of mistake.

A click in any row opens sentences, and every whole number is a count of the spans it opens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from engine.evaluation.confusion import Confusion
from pages.widgets.common import tables
from pages.widgets.report import choice
from pages.widgets.report.words import F1, MACRO, MICRO, PRECISION, RECALL, SUPPORT, WEIGHTED
from storage.types import ANY, SPURIOUS, Cell, Only, Run

OVER = {
    "micro": "Spans (micro)",
    "macro": "Labels (macro)",
    "weighted": "Weighted",
}
NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
RATES = {
    "f1": NUMBER("F1", format="%.3f", width=50, help=F1),
    "precision": NUMBER("Precision", format="%.3f", width=72, help=PRECISION),
    "recall": NUMBER("Recall", format="%.3f", width=54, help=RECALL),
}
LABELS = {
    "label": TEXT("Label", pinned=True),
    **RATES,
    "support": NUMBER(
        "Support", format="localized", width=64, help=f"{SUPPORT} A click opens them."
    ),
    "errors": NUMBER(
        "Errors", format="localized", width=54, help="Spans that went wrong on either side."
    ),
}
TOKENS = {
    "label": TEXT(
        "Tag",
        pinned=True,
        help="B- is a span's first token, I- any other one, O a token outside of all spans.",
    ),
    **RATES,
    "support": NUMBER(
        "Tokens", format="localized", width=58, help="Tokens that people gave this tag."
    ),
    "errors": NUMBER(
        "Errors",
        format="localized",
        width=58,
        help="Spans that went wrong: what a click in the row opens.",
    ),
}
AVERAGES = {
    "label": TEXT("Average over", pinned=True, help=f"{MICRO} {MACRO} {WEIGHTED}"),
    **RATES,
    "errors": NUMBER("Errors", format="localized", width=54, help="All spans that went wrong."),
}
MISTAKES = {
    "gold": TEXT("Gold", help="What people labelled; (spurious): nothing."),
    "predicted": TEXT("Predicted", help="What the model said; (missed): nothing."),
    "count": NUMBER("Spans", format="localized", help="What a click in the row opens."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of figures, and the part that each of its columns opens; ``errors`` all others."""

    figures: Mapping[str, object]
    errors: Cell
    columns: Mapping[str, Cell]

    def part(self, column: str) -> Cell:
        """Return what a click in a column opens."""
        return self.columns.get(column, self.errors)


@dataclass(frozen=True, slots=True)
class Table:
    """A table to click in."""

    name: str
    rows: Sequence[Row]
    columns: Mapping

    def listen(self, run: Run, split: str) -> None:
        """Open what the clicked cell counts."""
        for place, column in choice.heard(choice.key(self.name, run, split)).get("cells", ()):
            if place < len(self.rows):
                choice.put(self.rows[place].part(column), by_hand=False)

    def draw(self, run: Run, split: str) -> None:
        """Draw the table; the browser marks the cell that is clicked."""
        tables.show(
            pd.DataFrame([row.figures for row in self.rows], columns=list(self.columns)),
            hide_index=True,
            column_config=self.columns,
            on_select="rerun",
            selection_mode="single-cell",
            key=choice.key(self.name, run, split),
        )


def of_labels(scores: Mapping, run: Run, split: str) -> tuple[Table, Table]:
    """Return the figures of entities: per label, and averaged."""
    return (
        Table("labels", _labels(scores, run, split), LABELS),
        Table("averages", _averages(scores, "entity", run, split), AVERAGES),
    )


def of_tokens(scores: Mapping, run: Run, split: str) -> tuple[Table, Table]:
    """Return the figures of single tokens: per tag, and averaged."""
    return (
        Table("tokens", _tokens(scores, run, split), TOKENS),
        Table("token-averages", _averages(scores, "token", run, split), AVERAGES),
    )


def of_mistakes(scores: Mapping, run: Run, split: str) -> tuple[Table]:
    """Return every way in which spans went wrong."""
    return (Table("mistakes", _mistakes(scores, run, split), MISTAKES),)


def _labels(scores: Mapping, run: Run, split: str) -> list[Row]:
    """Return a row a label; a rate opens the spans that it is a share of."""
    table = Confusion.of(scores)
    rows = []
    for name, figures in scores["entity"]["labels"].items():
        marked, labelled = Cell(run.id, split, ANY, name), Cell(run.id, split, name)
        parts = {"precision": marked, "recall": labelled, "support": labelled}
        errors = _errors(run, split, name)
        counts = {"support": table.count(*labelled[2:]), "errors": table.count(*errors[2:])}
        rows.append(Row({"label": name, **_rates(figures), **counts}, errors, parts))
    return rows


def _tokens(scores: Mapping, run: Run, split: str) -> list[Row]:
    """Return a row a tag; each opens the errors of the spans that its tokens belong to."""
    table = Confusion.of(scores)
    rows = []
    for tag, figures in scores["token"]["labels"].items():
        part = _errors_of_tag(run, split, tag)
        counts = {"support": figures["support"], "errors": table.count(*part[2:])}
        rows.append(Row({"label": tag, **_rates(figures), **counts}, part, {}))
    return rows


def _averages(scores: Mapping, section: str, run: Run, split: str) -> list[Row]:
    """Return a row an average over entities or tokens; each opens every error."""
    part = _errors(run, split, ANY)
    errors = Confusion.of(scores).count(*part[2:])
    return [
        Row({"label": title, **_rates(scores[section][name]), "errors": errors}, part, {})
        for name, title in OVER.items()
    ]


def _mistakes(scores: Mapping, run: Run, split: str) -> list[Row]:
    """Return a row for each way in which spans went wrong, the most frequent first."""
    rows = []
    for mistake in Confusion.of(scores).mistakes():
        part = mistake.cell(run.id, split)
        borders = mistake.only is Only.BORDERS
        figures = {
            "gold": mistake.gold,
            "predicted": f"{mistake.predicted}, wrong borders" if borders else mistake.predicted,
            "count": mistake.count,
        }
        rows.append(Row(figures, part, {}))
    return rows


def _rates(figures: Mapping) -> dict[str, float]:
    return {name: figures[name] for name in RATES}


def _errors(run: Run, split: str, label: str) -> Cell:
    return Cell(run.id, split, label, only=Only.ERRORS)


def _errors_of_tag(run: Run, split: str, tag: str) -> Cell:
    """Return the errors of a tag's label; of O, what the model saw where nobody labelled."""
    _, dash, label = tag.partition("-")
    return _errors(run, split, label) if dash else Cell(run.id, split, SPURIOUS)
