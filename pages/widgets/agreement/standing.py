"""Who stands out: each person's agreement with the others, beside that of these."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.agreement.pairs import MEASURES, Measure, Pair
from engine.agreement.people import MARGIN
from engine.evaluation.comparison import signed
from engine.inspection.agreement.comparing import Compared
from pages.widgets.agreement import chosen, words
from pages.widgets.agreement.chosen import Shown
from pages.widgets.common import tables
from pages.widgets.parts import choice
from storage.cells import ANY
from storage.types import Project

NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
KEY = "agreement-people"
ABOUT = (
    "A person stands out whose κ with the others is surely lower than that of the others among "
    f"each other, by more than {MARGIN}. It need not be the person who is wrong."
)


def listen(project: Project, found: Compared) -> None:
    """Open where the person whose row was clicked agrees least."""
    for place, _ in choice.heard(KEY).get("cells", ()):
        if place < len(found.standings):
            person = found.standings[place].person
            own = [pair for pair in found.pairs if person in (pair.a, pair.b) and pair.documents]
            if own:
                chosen.put(found, min(own, key=_kappa), chosen.errors_of(ANY))


def _kappa(pair: Pair) -> float:
    value = pair.values[MEASURES.index(Measure.KAPPA), 0]
    return 2.0 if value != value else float(value)


def draw(shown: Shown) -> None:
    """Draw the table, who agrees least first."""
    found = shown.found
    if not found.standings:
        st.info("Of two people nobody can tell which of them stands out: it takes a third.")
        return
    rows = [
        {
            "person": found.versions.people[each.person],
            "out": "stands out" if each.stands_out else "",
            "kappa": each.kappa,
            "others": each.others,
            "difference": each.difference,
            "interval": "" if each.low is None else f"[{signed(each.low)}, {signed(each.high)}]",
        }
        for each in found.standings
    ]
    tables.show(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "person": TEXT("Person", width=120, pinned=True),
            "out": TEXT("", width=80, help=ABOUT),
            "kappa": NUMBER(
                "κ", width=56, format="%.2f", help="With the others: the mean over their pairs."
            ),
            "others": NUMBER(
                "Others' κ", width=76, format="%.2f", help="The mean over all other pairs."
            ),
            "difference": NUMBER("Difference", width=84, format="%+.2f"),
            "interval": TEXT("95 %", width=124, help="A bootstrap over documents."),
        },
        on_select="rerun",
        selection_mode="multi-cell",
        placeholder=words.NOTHING,
        key=KEY,
    )
    st.caption(f"{ABOUT} Click a row to read where they agree least.")
