"""Which part of a run's confusion table is open: the address says it, a click changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.evaluation.confusion import Confusion, places
from engine.evaluation.findings import weakest
from pages.widgets.common import address
from storage.cells import ANY, Cell, Only
from storage.facts import Filter
from storage.types import Run


def current(run: Run, split: str, scores: Mapping, asked: Filter = Filter()) -> Cell | None:
    """Return the part that is open: named by the address, else open before, else the worst one.

    ``asked`` is the page's filter, which ``scores`` are counted under; a part may have one of its
    own within it. None where nothing went wrong and nothing was asked for.
    """
    table = Confusion.of(scores)
    named, before = address.read_cell(run.id, split), st.session_state.get(_memory(run.id, split))
    found = next((cell for cell in (named, before) if cell and _has(table, cell)), None)
    found = found or _worst(run, split, scores)
    if not found:
        return None
    # Who comes back from the tagger brings both filters as one.
    found = found._replace(filter=found.filter.less(asked))
    _remember(found)
    # Its own gives way where no span can be in both.
    return found._replace(filter=asked.meet(found.filter) or asked)


def put(cell: Cell, *, by_hand: bool = True) -> None:
    """Open a part; its filter is what it asks for beside the page's.

    By hand means that no table shows its own mark: their old ones are wiped.
    """
    _remember(cell)
    if by_hand:
        st.session_state["report-turn"] = st.session_state.get("report-turn", 0) + 1


def key(table: str, run: Run, split: str) -> str:
    """Return the key of a table that is clicked in; another one once its mark would be stale.

    What is clicked a second time is heard only by a table that has no mark there.
    """
    return f"{table}-{run.id}-{split}-{st.session_state.get('report-turn', 0)}"


def heard(key: str) -> Mapping[str, Any]:
    """Return what was selected in a table since this was last asked, empty where nothing was.

    Asked before the table is drawn, so that it is drawn with the mark where it belongs.
    """
    state = st.session_state.get(key) or {}
    selection = {name: value for name, value in state.get("selection", {}).items() if value}
    found = fresh(key, selection) or {}
    # Several cells are marked to be copied.
    return found if len(found.get("cells", ())) < 2 else {}


def fresh(key: str, said: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return what a widget says where it is not what it said before; else None."""
    new = said != st.session_state.get(f"heard-{key}")
    st.session_state[f"heard-{key}"] = said
    return said if new else None


def _worst(run: Run, split: str, scores: Mapping) -> Cell | None:
    found = weakest(scores)
    return found.worst.cell(run.id, split) if found else None


def _has(table: Confusion, cell: Cell) -> bool:
    """Tell whether a cell is a part of the table; what stood open may have other labels."""
    sides = places(cell.gold, table.rows) and places(cell.predicted, table.columns)
    named = cell.only is Only.ERRORS or cell.sides != (ANY, ANY) or bool(cell.filter)
    return bool(sides) and named


def _remember(cell: Cell) -> None:
    st.session_state[_memory(cell.run, cell.split)] = cell
    address.write_cell(cell)


def _memory(run: int, split: str) -> str:
    return f"report-part-{run}-{split}"
