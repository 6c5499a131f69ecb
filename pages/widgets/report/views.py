"""The views of a report: what stands on the left side, to choose from.

A new view is one line in ``EVERY``: its title, and what draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from engine.evaluation.confusion import Confusion
from pages.widgets.report import calibration, lists, sentences, slices, table
from storage.types import Cell, Project, Run


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page is about: one split of a run, its scores, and the part that is open."""

    project: Project
    run: Run
    split: str
    scores: Mapping
    part: Cell | None = None

    @property
    def confusion(self) -> Confusion:
        return Confusion.of(self.scores)


Draw = Callable[[Shown], None]


def _nothing(shown: Shown) -> None:
    """Hear nothing."""


def _sentences(shown: Shown) -> None:
    """Show the sentences of the part that is open."""
    if shown.part:
        sentences.show(shown.project, shown.run, shown.confusion, shown.part)


@dataclass(frozen=True, slots=True)
class View:
    """A way to choose sentences."""

    draw: Draw
    listen: Draw = _nothing
    """Takes what was clicked, before anything is drawn, so that it is drawn as open."""
    beside: Draw = _sentences
    """Draws the right side."""


def of(scores: Mapping) -> dict[str, View]:
    """Return the views of a report by their titles, in their order: its own tables in between."""
    tables = {each: View(_draw_table(each), _hear_table(each)) for each in lists.titles(scores)}
    return {"Confusion": View(_confusion, _hear_confusion), **tables, **EVERY}


# Those that every report has.
EVERY: dict[str, View] = {
    "Slices": View(slices.draw, slices.listen, slices.beside),
    "Calibration": View(calibration.draw),
}


def _hear_confusion(shown: Shown) -> None:
    table.listen(shown.run, shown.split)


def _confusion(shown: Shown) -> None:
    if shown.confusion.labels:
        table.draw(shown.confusion, shown.run, shown.split, shown.part)
    else:
        st.info(f"The {shown.split} documents hold no spans and none was predicted.")


def _hear_table(title: str) -> Draw:
    def listen(shown: Shown) -> None:
        for one in lists.of(shown.scores, shown.run, shown.split)[title].tables:
            one.listen(shown.run, shown.split)

    return listen


def _draw_table(title: str) -> Draw:
    def draw(shown: Shown) -> None:
        view = lists.of(shown.scores, shown.run, shown.split)[title]
        st.caption(f"{view.about} Click in a row to read its sentences.")
        for one in view.tables:
            one.draw(shown.run, shown.split)

    return draw
