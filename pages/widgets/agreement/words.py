"""What the page says in words: what is weakest between whom, who stands out, what a unit is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.agreement import saying
from engine.agreement.everyone import SHARED, Shared
from engine.agreement.pairs import MEASURES, Measure, Pair
from engine.evaluation.comparison import signed
from engine.inspection.agreement.comparing import Compared
from pages.widgets.agreement import chosen
from pages.widgets.agreement.chosen import Shown
from pages.widgets.common import words
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.parts.words import between
from storage.types import Project

NOTHING = "–"
COEFFICIENTS = {
    Shared.ALPHA: (
        "Krippendorff's α",
        "Agreement beyond chance, also where not all have labelled the same documents. 0.8 and "
        "more is usual for firm conclusions, 0.667 for tentative ones (Krippendorff 2004).",
    ),
    Shared.FLEISS: ("Fleiss' κ", "Agreement beyond chance of several people."),
    Shared.AC1: (
        "Gwet's AC1",
        "Agreement beyond chance that does not drop where nearly all is of "
        "one kind, as words without a label are.",
    ),
}
OF_WORDS = (
    "A unit is a word (a token of the text; where there are none, a character). Two "
    "people agree on it where they gave it the same labels, none included."
)
OF_LABELS = "Each label of each document is one question, answered by yes or no."
OF_DOCUMENTS = "A unit is a document: two people agree on it where they gave it the same label."
FIGURES = (
    "κ is Cohen's, α Krippendorff's, AC1 Gwet's. F1 is that of one person's marks held against the "
    "other's; *partial* counts marks of one label that overlap. In brackets: where a figure would "
    "lie in 95 of 100 cases with other documents like these (a bootstrap over documents)."
)


def figure(value: float) -> str:
    """Write a figure; "–" where it says nothing."""
    return NOTHING if np.isnan(value) else f"{value:.2f}"


def interval(low: float, high: float) -> str:
    """Write an interval, "" where there is none."""
    return "" if np.isnan(low) else between(low, high)


def first(project: Project, found: Compared) -> None:
    """Say first what is weakest between whom, and who stands out; then the figures of all."""
    weakest = saying.weakest(found.pairs)
    left, right = st.columns([5, 3], vertical_alignment="center", gap="medium")
    if weakest is None:
        left.markdown(
            f"#### Nobody has given {words.of(project).fill('a {mark}')} in what several finished, "
            "so nothing can be said of agreement.",
            anchors=False,
        )
    else:
        left.markdown(f"#### {_weakest(found, *weakest)}", anchors=False)
        pair, row = weakest
        part = chosen.errors_of(found.versions.labels[row - 1])
        with right.container(horizontal=True, gap="xsmall"):
            st.button(
                "Open these",
                icon=":material/search:",
                key="weakest",
                on_click=chosen.put,
                args=(found, pair, part),
                help="Opens all that these two do not say alike of this label.",
            )
    _together(project, found)


def _weakest(found: Compared, pair: Pair, row: int) -> str:
    names, at = found.versions.people, MEASURES.index(Measure.KAPPA)
    label = literal(found.versions.labels[row - 1])
    who = f"{literal(names[pair.a])} and {literal(names[pair.b])}"
    value, little = pair.values[at, row], saying.little(pair, row)
    lowest = min(np.nanmin(each.values[at, 1:], initial=1.0) for each in found.pairs)
    # Lower ones that say little stand in the table before it.
    named = "the weakest that is sure" if lowest < value else "weakest"
    said = (
        f"{label} between {who} is {named}: κ {figure(value)} "
        f"{interval(pair.low[at, row], pair.high[at, row])}"
    ).rstrip()
    return f"{said}. {little}" if little else f"{said}, over {pair.marks[row]:,} marks."


def _together(project: Project, found: Compared) -> None:
    """Show the coefficients of all people, and who stands out."""
    with st.container(horizontal=True, gap="medium"):
        for measure, (title, about) in COEFFICIENTS.items():
            at = SHARED.index(measure)
            value = found.together.values[at, 0]
            sure = interval(found.together.low[at, 0], found.together.high[at, 0])
            st.metric(title, f"{figure(value)} {sure}".rstrip(), help=about)
        st.metric(
            words.of(project).fill("Shared {documents}"),
            f"{found.together.documents:,}",
            help="Finished by two people or more.",
        )
    if found.shown:
        documents = words.of(project).documents
        said = saying.shown(found.shown, found.together.documents, documents)
        st.caption(f":material/visibility: {said}")
    for each in found.standings:
        if each.stands_out:
            who = literal(found.versions.people[each.person])
            st.markdown(
                f":orange[:material/person_alert:] **{who}** stands out: κ {each.kappa:.2f} with "
                f"the others, who have {each.others:.2f} among each other "
                f"(difference {signed(each.low)} to {signed(each.high)})."
            )
    if found.versions.left_out:
        st.caption(
            f"{found.versions.left_out:,} more {words.of(project).documents} that several finished "
            "are left out: these were drawn at random, so that the figures come within seconds."
        )


def units(shown: Shown) -> None:
    """Say what is counted, and how."""
    versions = shown.found.versions
    of_whole = OF_LABELS if versions.several else OF_DOCUMENTS
    st.caption(of_whole if versions.whole else OF_WORDS, help=FIGURES)


def of_pair(shown: Shown) -> str:
    """Say the figures of the pair that is open."""
    pair, row = shown.pair, 0
    parts = [
        f"{title} {figure(pair.values[MEASURES.index(each), row])} "
        f"{interval(pair.low[MEASURES.index(each), row], pair.high[MEASURES.index(each), row])}"
        for each, title in TITLES.items()
    ]
    documents = count(pair.documents, words.of(shown.project).document)
    return f"{' · '.join(part.rstrip() for part in parts)}, over {documents} that both finished."


TITLES = {
    Measure.KAPPA: "κ",
    Measure.ALPHA: "α",
    Measure.AC1: "AC1",
    Measure.F1: "F1",
    Measure.PARTIAL: "partial F1",
}
