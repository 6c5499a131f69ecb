"""The report's other tables: every kind of mistake, and those that the report brings along.

A click in any row opens sentences, and every whole number is a count of the spans it opens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from engine.evaluation import figures
from engine.evaluation.bootstrap import Interval
from engine.evaluation.certainty.intervals import FEW, WIDE, unsure
from engine.evaluation.confusion import Confusion
from pages.widgets.common import tables, words
from pages.widgets.parts import choice
from pages.widgets.parts.words import (
    F1,
    INTERVAL,
    MACRO,
    MICRO,
    PRECISION,
    RECALL,
    SUPPORT,
    UNSURE,
    WEIGHTED,
    between,
)
from storage.cells import ANY, SPURIOUS, Cell, Only
from storage.types import Run
from storage.words import SPANS, Words

OVER = {
    "micro": "{Units} (micro)",
    "macro": "{Labels} (macro)",
    "weighted": "Weighted",
}
NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
RATES = {
    "f1": NUMBER("F1", format="%.3f", width=50, help=F1),
    "precision": NUMBER("Precision", format="%.3f", width=72, help=PRECISION),
    "recall": NUMBER("Recall", format="%.3f", width=54, help=RECALL),
}
LABELS_SUPPORT = NUMBER(
    "Support", format="localized", width=64, help=f"{SUPPORT} A click opens them."
)
LABELS_INTERVAL = TEXT(
    "95 %",
    width=100,
    help=f"{INTERVAL} {UNSURE}: over fewer than {FEW} {{marks}}, or wider than {WIDE}: such a "
    "figure says little.",
)
LABELS_ERRORS = NUMBER(
    "Errors", format="localized", width=54, help="{Marks} that went wrong on either side."
)
OTHER_ERRORS = NUMBER(
    "Errors",
    format="localized",
    width=58,
    help="What went wrong: a click in the row opens it.",
)
THRESHOLD = NUMBER(
    "Threshold",
    format="%.2f",
    width=70,
    help="A document is given the label where the model is at least this sure: chosen on dev.",
)
AVERAGES = {
    "label": TEXT("Average over", pinned=True, help=f"{MICRO} {MACRO} {WEIGHTED}"),
    **RATES,
    "errors": NUMBER("Errors", format="localized", width=54, help="All {marks} that went wrong."),
}
MISTAKES = {
    "gold": TEXT("Gold", help="What people labelled; (spurious): nothing."),
    "predicted": TEXT("Predicted", help="What the model said; (missed): nothing."),
    "count": NUMBER("Times", format="localized", help="What a click in the row opens."),
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
            selection_mode="multi-cell",
            placeholder="",
            key=choice.key(self.name, run, split),
        )


@dataclass(frozen=True, slots=True)
class View:
    """What is shown in place of the confusion table: tables, and a sentence about them."""

    about: str
    tables: Sequence[Table]


def titles(scores: Mapping) -> list[str]:
    """Return the titles of the views of one split."""
    return ["Mistakes", *(table["title"] for table in scores["tables"])]


def of(scores: Mapping, run: Run, split: str, said: Words = SPANS) -> dict[str, View]:
    """Return the views of one split by their titles, in the words of the project's task."""
    mistakes = Table("mistakes", _mistakes(scores, run, split), words.filled(MISTAKES, said))
    own = View(said.fill("Every way in which {marks} went wrong, most frequent first."), [mistakes])
    views = {table["title"]: _view(scores, table, run, split, said) for table in scores["tables"]}
    return {"Mistakes": own, **views}


def _view(scores: Mapping, table: Mapping, run: Run, split: str, said: Words) -> View:
    """Return one of the report's own tables, with its averages."""
    make = _labels if table["name"] == figures.LABELS else _others
    averages = _averages(scores, table, run, split, said)
    columns = words.filled(_columns(table, thresholds=bool(scores.get("thresholds"))), said)
    found = [Table(table["name"], make(scores, table, run, split), columns)]
    if averages:
        found.append(Table(f"{table['name']}-averages", averages, words.filled(AVERAGES, said)))
    return View(table["about"], found)


def _columns(table: Mapping, *, thresholds: bool) -> Mapping:
    """Return the heads of one of the report's own tables."""
    item = table["item"]
    first = {"label": TEXT(item["title"], pinned=True, help=item.get("about"))}
    if table["name"] == figures.LABELS:
        counts = {"support": LABELS_SUPPORT, "errors": LABELS_ERRORS}
        counts |= {"threshold": THRESHOLD} if thresholds else {}
        return {**first, "f1": RATES["f1"], "interval": LABELS_INTERVAL, **RATES, **counts}
    counted = table.get("support") or {"title": "Support", "about": SUPPORT}
    support = NUMBER(counted["title"], format="localized", width=64, help=counted.get("about"))
    more = {
        each["name"]: NUMBER(each["title"].capitalize(), format="localized", help=each["about"])
        for each in table.get("counts", ())
    }
    return {**first, **RATES, "support": support, **more, "errors": OTHER_ERRORS}


def _labels(scores: Mapping, table: Mapping, run: Run, split: str) -> list[Row]:
    """Return a row a label; a rate opens the spans that it is a share of."""
    confusion = Confusion.of(scores)
    rows = []
    for row in table["rows"]:
        name = row["name"]
        marked, labelled = Cell(run.id, split, ANY, name), Cell(run.id, split, name)
        parts = {"precision": marked, "recall": labelled, "support": labelled}
        errors = _errors(run, split, name)
        counts = {
            "support": confusion.count(*labelled.place),
            "errors": confusion.count(*errors.place),
        }
        sure = {"interval": _interval(row, scores.get("intervals", {}).get("labels", {}).get(name))}
        own = {"threshold": scores.get("thresholds", {}).get(name)}
        rows.append(Row({"label": name, **_rates(row), **sure, **counts, **own}, errors, parts))
    return rows


def _interval(row: Mapping, ends: Sequence[float] | None) -> str:
    """Write how sure a label's F1 is, with a sign where that is little."""
    if not ends:
        return ""
    little = unsure(row["support"], Interval(*ends))
    return f"{between(*ends)} {UNSURE}" if little else between(*ends)


def _others(scores: Mapping, table: Mapping, run: Run, split: str) -> list[Row]:
    """Return the rows of another table; each opens the errors of the label that it belongs to."""
    confusion = Confusion.of(scores)
    rows = []
    for row in table["rows"]:
        part = _errors_of(run, split, row["label"])
        counts = {"support": row["support"], "errors": confusion.count(*part.place)}
        more = {each["name"]: row[each["name"]] for each in table.get("counts", ())}
        rows.append(Row({"label": row["name"], **_rates(row), **counts, **more}, part, {}))
    return rows


def _averages(scores: Mapping, table: Mapping, run: Run, split: str, said: Words) -> list[Row]:
    """Return a row an average; each opens every error."""
    part = _errors(run, split, ANY)
    errors = Confusion.of(scores).count(*part.place)
    return [
        Row({"label": said.fill(OVER.get(name, name)), **_rates(row), "errors": errors}, part, {})
        for name, row in table["averages"].items()
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


def _rates(row: Mapping) -> dict[str, float]:
    return {name: row[name] for name in RATES}


def _errors(run: Run, split: str, label: str) -> Cell:
    return Cell(run.id, split, label, only=Only.ERRORS)


def _errors_of(run: Run, split: str, label: str | None) -> Cell:
    """Return the errors of a label, or of all; of none what the model saw where none is."""
    return Cell(run.id, split, SPURIOUS) if label is None else _errors(run, split, label)
