"""The address of a page: what can be shared, reloaded and gone back to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

import streamlit as st

from storage.cells import ANY, Cell, Only
from storage.facts import Filter
from storage.outcomes import Compared

# A row's id, and every other number of an address, fits into 63 bits.
BEYOND = 2**63
# So many seconds later the browser has heard of a new address.
LATE = 3.0
# What names a part of a confusion table.
PART = ("gold", "predicted", "only", "within")
MOST_DIGITS = len(str(BEYOND))


def keep_only(*names: str) -> None:
    """Drop parameters that another page left in the address."""
    for name in list(st.query_params):
        if name not in (*names, "project"):
            del st.query_params[name]


def choice(title: str, options: Sequence[str], name: str, say: Callable[[str], str] = str) -> str:
    """Show a choice that the address keeps, the first option being what it need not say.

    ``say`` words an option for people.

    Streamlit can bind a widget to the address by itself, but then no button of the page may
    lead to another page.
    """
    take(options, name)
    chosen = st.segmented_control(
        title, options, key=name, required=True, label_visibility="collapsed", format_func=say
    )
    return keep(options, name, chosen or options[0])


def take(options: Sequence[str], name: str) -> None:
    """Make what the address says the state of the widget with this key, before it is drawn."""
    state, seen = st.session_state, f"{name}-in-address"
    # Who comes from another page comes by an address that is new.
    wanted = asked(name) if name in state else st.query_params.get(name, "")
    wanted = options[0] if wanted == "" else wanted
    if wanted in options and (name not in state or state.get(seen) != wanted):
        state[name] = wanted
    if state.get(name) not in options:
        state[name] = options[0]


def keep(options: Sequence[str], name: str, chosen: str) -> str:
    """Write what such a widget returned into the address, and return it."""
    st.session_state[f"{name}-in-address"] = chosen
    write(**{name: "" if chosen == options[0] else chosen})
    return chosen


def asked(name: str) -> str | None:
    """Return what a parameter says, "" where it is not there, None where it is out of date.

    What the browser asks for may carry an address from before it heard of the newest one.
    """
    value = st.query_params.get(name, "")
    before, at = st.session_state.get(f"{name}-replaced", (None, 0.0))
    return None if value == before and monotonic() - at < LATE else value


def write(**parameters: str) -> None:
    """Put parameters into the address, "" being none at all; touch only those that change."""
    for name, value in parameters.items():
        before = st.query_params.get(name, "")
        if asked(name) == value:
            continue
        # What came may be the address from before the last change: it is written once more.
        if before != value:
            st.session_state[f"{name}-replaced"] = (before, monotonic())
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def read_id(name: str) -> int | None:
    """Return the id that a parameter names; None where it names none."""
    return read_number(name) or None


def read_number(name: str) -> int | None:
    """Return a parameter that is a whole number from 0 on, in plain digits; else None."""
    text = st.query_params.get(name, "")
    # An address can hold anything, also more digits than Python turns into a number.
    if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
        return None
    number = int(text)
    return number if number < BEYOND else None


def of_cell(cell: Cell) -> dict[str, str]:
    """Return where the report shows a part of a confusion table."""
    words = {"gold": cell.gold, "predicted": cell.predicted, "only": str(cell.only)}
    words |= {"within": cell.filter.address}
    named = {"run": str(cell.run), "split": cell.split, **words}
    return {name: value for name, value in named.items() if value}


def of_compared(asked: Compared) -> dict[str, str]:
    """Return where the comparison shows marks with one outcome."""
    named = {"a": str(asked.a), "b": str(asked.b), "split": asked.split, "label": asked.label}
    return {name: value for name, value in {**named, "show": str(asked.outcome)}.items() if value}


def read_cell(run: int, split: str) -> Cell | None:
    """Return the part of a table that the address names, None where it names none."""
    gold, predicted, only, within = (st.query_params.get(name, "") for name in PART)
    if not (gold or predicted or only or within):
        return None
    kind = Only(only) if only in set(Only) else Only.ALL
    return Cell(run, split, gold or ANY, predicted or ANY, kind, Filter.parse(within))


def write_cell(cell: Cell) -> None:
    """Put a part of a table into the address, and nothing of another one."""
    named = of_cell(cell)
    write(**named)
    for name in {*PART} - named.keys():
        st.query_params.pop(name, None)
