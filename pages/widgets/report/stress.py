"""Stress tests: how often a model loses what it finds once a text is changed a little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import streamlit as st

from engine.evaluation.likeness.overlap import Overlap
from engine.evaluation.stress.failures import Rate, Result
from engine.evaluation.stress.perturbations import BY_NAME
from pages.widgets.common import address, tables
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.inspection import failing, looking
from pages.widgets.parts import choice
from storage.database.store import database
from storage.runs import inspections

if TYPE_CHECKING:
    from pages.widgets.report.views import Shown

PAIRS, FEW = 12, 20
ALL = "All"
NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
OVERLAP = (
    "Whether labels are alike in what they say and where they stand, before any training: of the "
    "marks of both, the share of the ten nearest marks in train that have the other label, by the "
    "base model alone. Labels that overlap and are confused want a clearer guideline or more "
    "examples; labels that lie apart and are confused, another training."
)


class Opened(NamedTuple):
    """The test that is open, and for which label: "" is all."""

    test: str
    label: str = ""


def listen(shown: Shown) -> None:
    """Open the test and the label that were clicked."""
    order = st.session_state.get(f"stress-order-{shown.run.id}", ())
    for place, column in choice.heard(_key(shown)).get("cells", ()):
        if place < len(order):
            label = _labels(shown).get(column, "")
            address.write(stress="/".join(filter(None, (order[place], label))))


def draw(shown: Shown) -> None:
    """Draw the failure rates of all tests, and how far labels overlap."""
    found = looking.found(shown.run)
    if found is None:
        looking.offer(shown.run, again=False)
        return
    results = _results(found)
    tried = found["stress"]
    of = "" if tried["documents"] == tried["of"] else f" of {tried['of']:,}"
    st.caption(
        f"How many marks that the model finds as they should be are lost once the text is changed, "
        f"on {tried['documents']:,}{of} {tried['split']} documents. Click a share to read the "
        "texts."
    )
    _table(shown, results)
    _overlap(shown, Overlap.of(found["overlap"]))
    looking.offer(shown.run, again=True)


def beside(shown: Shown) -> None:
    """Show the texts that fail the open test, before and after."""
    found = looking.found(shown.run)
    if found is None:
        st.caption("The texts that a model fails on stand here once it was inspected.")
        return
    known = {result.test: result for result in _results(found)}
    opened = _opened(known)
    if opened is None:
        st.success("No mark was lost in any of the changed texts.", icon=":material/check:")
        return
    result = known[opened.test]
    rate = result.labels.get(opened.label, Rate(0, 0)) if opened.label else result.rate
    st.subheader(literal(f"{_title(opened.test)} · {opened.label or 'all labels'}"), anchor=False)
    st.caption(literal(f"{_about(opened.test)}: {_in_words(rate, result.documents)}"))
    texts = inspections.failing(database(), shown.run.id, opened.test, opened.label)
    failing.show(shown.project, shown.run, texts, opened.label)


def _table(shown: Shown, results: Sequence[Result]) -> None:
    columns = _labels(shown)
    st.session_state[f"stress-order-{shown.run.id}"] = [result.test for result in results]
    if not results:
        st.info("The model found no mark as it should be, so nothing could be lost.")
        return
    rows = [
        {
            "test": _title(result.test),
            ALL: _share(result.rate),
            **{name: _share(result.labels.get(label)) for name, label in columns.items()},
            "marks": result.rate.marks,
        }
        for result in results
    ]
    tables.show(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "test": TEXT("Changed", pinned=True, width=138),
            ALL: _rate(ALL),
            **{name: _rate(label) for name, label in columns.items()},
            "marks": NUMBER("Marks", format="localized", width=60, help="That were right before."),
        },
        on_select="rerun",
        selection_mode="single-cell",
        key=_key(shown),
        alt="Share of marks lost in changed texts, by change and label",
    )


def _rate(title: str) -> Any:
    about = "The share of marks that are lost. A click opens their texts."
    return NUMBER(title, format="%.0f %%", width=66, help=about)


def _overlap(shown: Shown, overlap: Overlap) -> None:
    pairs = overlap.pairs()[:PAIRS]
    if not pairs:
        return
    st.markdown("##### Labels that overlap", anchors=False, help=OVERLAP)
    confusion = shown.confusion
    both = set(confusion.labels)
    rows = [
        {
            "pair": f"{one} and {other}",
            "overlap": 100 * share,
            "confused": confusion.count(one, other) + confusion.count(other, one)
            if {one, other} <= both
            else 0,
        }
        for share, one, other in pairs
    ]
    tables.show(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "pair": TEXT("Labels", pinned=True),
            "overlap": NUMBER("Nearest with the other label", format="%.0f %%", help=OVERLAP),
            "confused": NUMBER(
                "Confused", format="localized", help="One taken for the other in this split."
            ),
        },
        alt="Pairs of labels with the share of nearest neighbours that have the other label",
    )


def in_cell(shown: Shown) -> str:
    """Say how far the two labels of the open cell overlap; empty where that says nothing."""
    part, found = shown.part, looking.found(shown.run)
    if part is None or found is None:
        return ""
    share = Overlap.of(found["overlap"]).between(part.gold, part.predicted)
    if share is None:
        return ""
    return f"In train {share:.0%} of their nearest neighbours have the other label."


def _in_words(rate: Rate, documents: int) -> str:
    low, high = rate.interval.low, rate.interval.high
    few = " So few marks say little." if rate.marks < FEW else ""
    return (
        f"{rate.failures:,} of {count(rate.marks, 'mark')} lost, {rate.share:.0%} (95 %: "
        f"{low:.0%} to {high:.0%}), in {rate.texts:,} of {count(documents, 'changed text')}.{few}"
    )


def _results(found: Mapping) -> list[Result]:
    """Return the results of tests that changed a text, the highest share of lost marks first."""
    results = [Result.of(row) for row in found["stress"]["results"]]
    tried = [result for result in results if result.rate.marks]
    return sorted(tried, key=lambda result: -result.rate.share)


def _opened(known: Mapping[str, Result]) -> Opened | None:
    """Return what the address names, else the test that most fail; None where none does."""
    test, _, label = st.query_params.get("stress", "").partition("/")
    if test in known and (not label or label in known[test].labels):
        return Opened(test, label)
    worst = next((name for name, result in known.items() if result.rate.failures), None)
    return Opened(worst) if worst else None


def _labels(shown: Shown) -> dict[str, str]:
    """Return the labels by the names of their columns, those of the project first of all."""
    found = looking.found(shown.run)
    names = sorted({label for result in _results(found or EMPTY) for label in result.labels})
    return {f"label {name}": name for name in names}


EMPTY: Mapping = {"stress": {"results": []}}


def _share(rate: Rate | None) -> float | None:
    return 100 * rate.share if rate and rate.marks else None


def _title(test: str) -> str:
    """Name a test; one that only another version knows by what it is stored as."""
    known = BY_NAME.get(test)
    return known.title if known else test


def _about(test: str) -> str:
    known = BY_NAME.get(test)
    return known.about[0].upper() + known.about[1:] if known else test


def _key(shown: Shown) -> str:
    return choice.key("stress", shown.run, shown.split)
