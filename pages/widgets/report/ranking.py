"""The view of ranking: how well each left text's candidates are ordered, the worst to be mended.

A click in a row opens the pairs of its left text, those first that are ranked first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from pages.widgets import walk
from pages.widgets.common import tables
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.parts import choice, sentences
from storage.database.store import database
from storage.runs import reports
from storage.types import Match

if TYPE_CHECKING:
    from pages.widgets.report.views import Shown

NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
FIGURES = {
    "mrr": ("MRR", "Mean reciprocal rank: 1 where the first candidate fits, 1/2 for the second …"),
    "map": ("MAP", "Mean average precision: all that fits counts, not only the first."),
    "ndcg@10": ("nDCG@10", "Of the gain that the first ten could bring by their grades, the share "
                "they bring (Järvelin and Kekäläinen 2002)."),
    "recall@1": ("Recall@1", "Of all candidates that fit, the share that stands first."),
    "recall@10": ("Recall@10", "Of all candidates that fit, the share among the first ten."),
}  # fmt: skip
COLUMNS = {
    "text": TEXT("Left text", width=265),
    "mrr": NUMBER("MRR", format="%.2f", width=54, help=FIGURES["mrr"][1]),
    "ndcg@10": NUMBER("nDCG@10", format="%.2f", width=70, help=FIGURES["ndcg@10"][1]),
    "candidates": NUMBER("Candidates", format="localized", width=76, help="A click opens them."),
}


def is_in(scores: Mapping) -> bool:
    """Tell whether a split's scores say how candidates are ordered."""
    return bool(scores.get("ranking"))


def listen(shown: Shown) -> None:
    """Open the left text whose row was clicked."""
    for place, _ in choice.heard(_key(shown)).get("cells", ()):
        st.session_state[_opened(shown)] = place


def draw(shown: Shown) -> None:
    """Draw the figures over all left texts, and the worst of these."""
    found = shown.whole["ranking"]
    if shown.asked:
        st.caption("Of all left texts: the filter does not count here.")
    if found["mrr"] is None:
        st.info(literal(found.get("about") or "There is no order to judge."))
        return
    with st.container(horizontal=True, gap="medium"):
        for name, (title, about) in FIGURES.items():
            st.metric(title, f"{found[name]:.3f}", help=about)
    said = f"Over {count(found['queries'], 'left text')}. {literal(found.get('about', ''))}"
    st.caption(f"{said} {_by(found.get('likeness_weight', 0.0))}")
    worst = found["worst"]
    if not worst:
        st.success("Every left text has what fits it first.", icon=":material/check_circle:")
        return
    st.caption("The worst ordered ones first. Click in a row to read and mend its pairs.")
    tables.show(
        pd.DataFrame([{n: each.get(n) for n in COLUMNS} for each in worst], columns=list(COLUMNS)),
        hide_index=True,
        column_config=COLUMNS,
        on_select="rerun",
        selection_mode="multi-cell",
        key=_key(shown),
        alt="Left texts whose candidates are ordered worst, with their figures",
    )


def _by(weight: float) -> str:
    """Say whose order it is; of the model alone nothing need be said."""
    if not weight:
        return ""
    if weight >= 1:
        return "The order is the retriever's alone: on dev it is better than the model's."
    return (
        f"Retriever and model order together, as Match does: how alike the texts are counts "
        f"{weight:.0%}."
    )


def beside(shown: Shown) -> None:
    """Show the pairs of the left text that is open, those first that the model puts first."""
    worst = shown.whole["ranking"]["worst"]
    place = st.session_state.get(_opened(shown), 0)
    if place >= len(worst):
        return
    chosen = worst[place]
    st.subheader(literal(_short(chosen["text"])), anchor=False)
    st.caption(
        f"{count(chosen['candidates'], 'candidate')}, the best ones first. Accept takes what "
        "the model says, Keep what people said."
    )
    rows = _rows(shown, chosen["documents"])
    walk.show(shown.project, rows, key=f"ranking-{place}", run=shown.run)


def _rows(shown: Shown, documents: Sequence[int]) -> list[walk.Row]:
    found = reports.matches_of(database(), shown.run.id, documents)
    return [
        _row(match, rank, len(documents), shown)
        for rank, document in enumerate(documents, start=1)
        for match in found.get(document, ())
    ]


def _row(match: Match, rank: int, of: int, shown: Shown) -> walk.Row:
    kind, shade = sentences.KINDS[match.kind]
    return walk.Row(
        f"rank-{match.document}-{match.place.label}",
        match.document,
        match.gold,
        match.predicted,
        kind=shown.words.fill(kind),
        reason=f"Ranked {rank:,} of {of:,}.",
        shade=shade,
    )


def _short(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:90]}…"


def _key(shown: Shown) -> str:
    return choice.key("ranking", shown.run, shown.split)


def _opened(shown: Shown) -> Any:
    return f"ranking-open-{shown.run.id}-{shown.split}"
