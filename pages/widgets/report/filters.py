"""The report's filter: which spans are counted, chosen in one row and kept by the address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from engine.evaluation.confusion import Confusion
from engine.inspection import facts, slices
from engine.tasks.base import Task
from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from storage.cells import ANY, Cell
from storage.database.store import database
from storage.facts import RIGHT, SPOKEN, Between, Filter, say
from storage.finding import own_slices
from storage.runs import filtering, mending
from storage.types import Run
from storage.words import Words

LENGTHS = Between(1, 2), Between(2, 3), Between(3, 5), Between(5)
SENTENCES = Between(0, 10), Between(10, 20), Between(20, 40), Between(40)
SURE = Between(0, 0.5), Between(0.5, 0.7), Between(0.7, 0.9), Between(0.9)
RANGES: dict[str, Sequence[Between]] = {
    "length": LENGTHS,
    "document_length": SENTENCES,
    "confidence": SURE,
}
HELP = (
    "Counts some of the {marks} only: the tables, and the figures above them, are then those of "
    "the {marks} that a filter leaves."
)


@dataclass(frozen=True, slots=True)
class Field:
    """A choice of the filter: what it is called, and its values in their order."""

    name: str
    title: str
    order: Callable[[Counter[Any]], Sequence[Any]]
    help: str | None = None


def current(run: Run, project: int) -> tuple[Filter, str]:
    """Return the filter that is on, and why there can be none: "" where there can.

    The address says it; else it is the one that was on before, but not over a part that
    another page leads to without it.
    """
    if why := facts.complete(database(), run):
        return Filter(), why
    # People's own slices hold what their search finds now; where that cannot be, what it found.
    own_slices.refresh(database(), project, run.id)
    before = st.session_state.get(_memory(project), Filter())
    said = address.asked("filter")
    found = Filter.parse(said) if said else before
    part = address.read_cell(run.id, "")
    if said == "" and part and before.meet(part.filter) != part.filter:
        found = Filter()
    put(project, found)
    return found, ""


def put(project: int, asked: Filter) -> None:
    """Filter by this from now on."""
    st.session_state[_memory(project)] = asked
    address.write(filter=asked.address)


def bar(
    project: int, task: Task, run: Run, split: str, counted: Confusion, asked: Filter, why: str
) -> None:
    """Show the filter in one row: where it is changed, what is on, and how much it leaves."""
    with st.container(
        horizontal=True, vertical_alignment="center", gap="xsmall", width="content", key="filter"
    ):
        chooser = st.popover(
            "Filter",
            icon=":material/filter_alt:",
            disabled=bool(why),
            help=literal(why) or None,
            key="filter-chooser",
            on_change="rerun",
        )
        for name, value in asked.given():
            _chip(project, asked, name, value)
        if asked:
            st.button(
                "Clear", key="filter-clear", type="tertiary", on_click=put, args=(project, Filter())
            )
        _count(run, split, counted, asked, task.words)
    if chooser.open:
        with chooser:
            _choices(project, task, run, split, asked)


def _chip(project: int, asked: Filter, name: str, value: Any) -> None:
    st.button(
        literal(words(project, name, value)),
        icon=":material/close:",
        key=f"filter-off-{name}",
        help="Takes this out of the filter.",
        on_click=put,
        args=(project, filtering.but(asked, name)),
    )


def _count(run: Run, split: str, counted: Confusion, asked: Filter, said: Words) -> None:
    """Say how many marks are counted, and how many of these were mended since."""
    whole = Cell(run.id, split, ANY, filter=asked)
    number = counted.count(ANY, ANY)
    left = [f"**{count(number, said.unit)} left**" if asked else count(number, said.unit)]
    if mended := mending.count(database(), run, whole):
        left.append(f"{mended:,} mended since this run")
    st.caption(
        " · ".join(left),
        width="content",
        help=said.fill(
            "What people and the model gave, side by side, and what only one of them gave. What is "
            "mended does not change a report: train again to see what it brings."
        ),
    )


def _choices(project: int, task: Task, run: Run, split: str, asked: Filter) -> None:
    """Offer every value with the number of spans that it would leave."""
    st.caption(task.words.fill(HELP))
    counts = filtering.options(database(), run.id, split, asked, RANGES)
    on = dict(asked.given())
    fields = [each for each in _fields(task) if counts[each.name] or each.name in on]
    left, right = st.columns(2, gap="small")
    for place, field in enumerate(fields):
        with right if place % 2 else left:
            _choice(project, asked, field, counts[field.name])


def _choice(project: int, asked: Filter, field: Field, counts: Counter[Any]) -> None:
    key, chosen, empty = f"filter-{field.name}", getattr(asked, field.name), _EMPTY[field.name]
    values = [value for value in field.order(counts) if counts[value]]
    options = [empty, *values, *([chosen] if chosen not in (empty, *values) else [])]
    st.session_state[key] = chosen

    def shown(value: Any) -> str:
        if value == empty:
            return "any"
        return f"{words(project, field.name, value)} ({counts[value]:,})"

    def take() -> None:
        put(project, replace(asked, **{field.name: st.session_state[key]}))

    st.selectbox(
        field.title,
        options,
        key=key,
        format_func=shown,
        on_change=take,
        help=field.help,
        placeholder="any",
    )


def words(project: int, name: str, value: Any) -> str:
    """Say what a field of the filter asks for; of a slice what people call it."""
    if name == "slice":
        known = slices.names(database(), project)
        return known[value].title if value in known else str(value)
    return str(value) if name == "label" else say(name, value)


def _frequent(counts: Counter[Any]) -> Sequence[Any]:
    return [value for value, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]


def _of(*values: Any) -> Callable[[Counter[Any]], Sequence[Any]]:
    return lambda counts: values


def _fields(task: Task) -> list[Field]:
    """Return the choices in their order; those of a kind without a value are not shown."""
    words = task.words
    of_ranges = [
        Field(
            "seen",
            "Words",
            _of(True, False),
            "Whether train has a span with the same words, in any case and with any label.",
        ),
        Field("length", "Span", _of(*LENGTHS), "In words and signs."),
    ]
    return [
        Field("error", "Kind of error", _of(*task.error_kinds, RIGHT), meanings(task.error_kinds)),
        Field("border", "Borders", _of(*task.borders), meanings(task.borders)),
        Field(
            "label",
            words.label.capitalize(),
            _frequent,
            "On either side: given by people or by the model.",
        ),
        # What stands for a whole document has no words and no length of its own.
        *([] if task.marks_whole else of_ranges),
        Field(
            "document_length",
            words.document.capitalize(),
            _of(*SENTENCES),
            f"How long the {words.document} is, in words and signs.",
        ),
        Field("confidence", "Confidence", _of(*SURE), "How sure the model was of what it gave."),
        Field("slice", "Slice", _frequent),
    ]


def meanings(words: Mapping[str, str]) -> str:
    """Return what each of several words means, as a list."""
    return "\n".join(f"- **{SPOKEN.get(word, word)}**: {about}" for word, about in words.items())


def _memory(project: int) -> str:
    return f"report-filter-{project}"


_EMPTY = {field: getattr(Filter(), field) for field in filtering.FIELDS}
