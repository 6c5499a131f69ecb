"""The views of a report: what stands on the left side, to choose from.

A new view is one line in ``EVERY``: its title, and what draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from engine.evaluation.confusion import Confusion
from pages.widgets.calibration import view as calibration
from pages.widgets.common import words
from pages.widgets.inspection import looking
from pages.widgets.parts import lists, sentences, table
from pages.widgets.pushing import view as pushing
from pages.widgets.report import curves, kinds, ranking, slices, stress, together
from storage.cells import Cell
from storage.facts import Filter
from storage.types import Project, Run
from storage.words import Words


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page is about: one split of a run, its scores, and the part that is open."""

    project: Project
    run: Run
    split: str
    scores: Mapping
    part: Cell | None = None
    asked: Filter = Filter()
    """The page's filter: ``scores`` are counted under it."""
    unfiltered: str = ""
    """Why there are no filters."""
    whole: Mapping = field(default_factory=dict)
    """The scores without the filter."""

    @property
    def confusion(self) -> Confusion:
        return Confusion.of(self.scores)

    @property
    def words(self) -> Words:
        """What people call the things of the project's task."""
        return words.of(self.project)


Draw = Callable[[Shown], None]
COUNTS_ELSE = "A filter leaves some {marks}, and this table counts something else: clear it."


def _nothing(shown: Shown) -> None:
    """Hear nothing."""


def _sentences(shown: Shown) -> None:
    """Show the sentences of the part that is open."""
    if shown.part:
        about = shown.project, shown.run, shown.confusion, shown.part
        sentences.show(*about, shown.asked, stress.in_cell(shown))
        pushing.of_part(shown.project, shown.run, shown.part)
        looking.suggest(shown.run)


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
    own = {title: view for title, (is_in, view) in SOME.items() if is_in(scores)}
    return {"Confusion": View(_confusion, _hear_confusion), **tables, **own, **EVERY}


# Those that a report has where its scores hold what they show.
SOME: dict[str, tuple[Callable[[Mapping], bool], View]] = {
    "Together": (together.is_in, View(together.draw, together.listen)),
    "Curves": (curves.is_in, View(curves.draw)),
    "Ranking": (ranking.is_in, View(ranking.draw, ranking.listen, ranking.beside)),
}


# Those that every report has.
EVERY: dict[str, View] = {
    "Kinds": View(kinds.draw, kinds.listen),
    "Slices": View(slices.draw, slices.listen, slices.beside),
    "Calibration": View(
        lambda shown: calibration.draw(shown.run, shown.split, shown.asked, shown.words)
    ),
    "Stress tests": View(stress.draw, stress.listen, stress.beside),
}


def _hear_confusion(shown: Shown) -> None:
    table.listen(shown.run, shown.split)


def _confusion(shown: Shown) -> None:
    if shown.confusion.labels:
        table.draw(shown.confusion, shown.run, shown.split, shown.part, shown.words)
    else:
        st.info(
            shown.words.fill(
                f"The {shown.split} {{documents}} have no {{marks}}, none was predicted."
            )
        )


def _hear_table(title: str) -> Draw:
    def listen(shown: Shown) -> None:
        if view := lists.of(shown.scores, shown.run, shown.split, shown.words).get(title):
            for one in view.tables:
                one.listen(shown.run, shown.split)

    return listen


def _draw_table(title: str) -> Draw:
    def draw(shown: Shown) -> None:
        view = lists.of(shown.scores, shown.run, shown.split, shown.words).get(title)
        if view is None:
            st.info(shown.words.fill(COUNTS_ELSE))
            return
        st.caption(f"{view.about} {shown.words.fill('Click in a row to read its {documents}.')}")
        for one in view.tables:
            one.draw(shown.run, shown.split)

    return draw
