"""What a comparison says first: a sentence, counts that add up, F1 per label with its interval."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from engine.evaluation.comparison import Difference, Verdict, signed
from engine.exports.contents import FEW, NAMED
from engine.inspection.comparing import Common
from pages.widgets.common import charts, tables
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.compare import labels
from pages.widgets.compare.choice import Pair
from storage.outcomes import Outcome
from storage.words import Words

ALL = "All labels"
# More intervals than this are no picture any more: those that say most are drawn.
DRAWN = 24
NUMBER, TEXT = st.column_config.NumberColumn, st.column_config.TextColumn
INTERVAL = (
    "In 95 of 100 drawings of as many documents the difference lies between these two (bootstrap "
    "over documents, both runs on the same drawings)."
)
VERDICT = (
    "Better or worse only where the whole interval lies on one side of zero; else there is no "
    "clear difference."
)
SHORT = {Verdict.UNCLEAR: "unclear"}


def in_words(pair: Pair, found: Common, said: Words) -> None:
    """Say first which run is better, then which labels are."""
    compared = found.comparison
    sentence = compared.micro.sentence(pair.a.title, pair.b.title, said.pooled)
    st.markdown(f"#### {literal(sentence)}", anchors=False)
    parts = [literal(each) for each in compared.sentences]
    if few := _few(found):
        parts.append(f":orange-badge[:material/warning: Few] {literal(few)}")
    if parts:
        st.caption(" ".join(parts))


def _few(found: Common) -> str:
    """Say what is counted over so few that its interval says little; nothing where all is many."""
    if found.documents < FEW:
        return f"Only {count(found.documents, 'document')}: an interval over so few says little."
    compared = found.comparison.labels
    rare = [f"{name} ({each.support:,})" for name, each in compared.items() if each.support < FEW]
    if not rare:
        return ""
    more = f" and {len(rare) - NAMED:,} more" if len(rare) > NAMED else ""
    named = f"{', '.join(rare[:NAMED])}{more}"
    return f"Over fewer than {FEW} marks a difference says little: {named}."


def tiles(pair: Pair, found: Common) -> None:
    """Show how many marks were fixed and broken, and that they are the change in right ones."""
    compared = found.comparison
    fixed, broken, wrong, kept = (
        compared.count(each)
        for each in (Outcome.FIXED, Outcome.BROKEN, Outcome.WRONG, Outcome.RIGHT)
    )
    a, b = pair.a.title, pair.b.title
    with st.container(horizontal=True, gap="medium"):
        st.metric("Fixed", f"{fixed:,}", help=f"Wrong in {a}, right in {b}.")
        st.metric("Broken", f"{broken:,}", help=f"Right in {a}, wrong in {b}.")
        st.metric("Still wrong", f"{wrong:,}", help="Wrong in both runs.")
        st.metric(
            f"Right in {b}",
            f"{kept + fixed:,}",
            # A plain minus: the arrow's direction is read from it.
            delta=f"{fixed - broken:+,} = {fixed:,} fixed − {broken:,} broken",
            delta_color="off" if fixed == broken else "normal",
            help=f"In {a}: {kept + broken:,}.",
        )


def table(pair: Pair, found: Common) -> None:
    """Show the figures of all labels, those that differ most first; a click chooses a label."""
    rows = list(ordered(found))
    key = labels.key(pair, found)
    labels.listen(key, [name for name, _ in rows])
    tables.show(
        pd.DataFrame([_row(name, each) for name, each in rows]),
        hide_index=True,
        column_config=_columns(pair, found),
        on_select="rerun",
        selection_mode="multi-cell",
        key=key,
    )


def ordered(found: Common) -> Iterator[tuple[str, Difference]]:
    """Yield all labels together, then each: the clear differences first, then by their size."""
    yield ALL, found.comparison.micro
    yield from sorted(
        found.comparison.labels.items(),
        key=lambda item: (item[1].verdict is Verdict.UNCLEAR, -abs(item[1].value), item[0]),
    )


def _row(name: str, each: Difference) -> dict[str, object]:
    return {
        "label": name,
        "a": each.a,
        "b": each.b,
        "difference": each.value,
        "low": each.interval.low,
        "high": each.interval.high,
        "verdict": SHORT.get(each.verdict, str(each.verdict)),
        "support": each.support,
    }


def _columns(pair: Pair, found: Common) -> dict[str, object]:
    return {
        "label": TEXT("Label", pinned=True, width=_width(found)),
        "a": NUMBER(pair.a.title, format="%.3f", width=50, help="F1"),
        "b": NUMBER(pair.b.title, format="%.3f", width=50, help="F1"),
        "difference": NUMBER("Diff.", format="%+.3f", width=58, help="The second less the first."),
        "low": NUMBER("From", format="%+.3f", width=58, help=INTERVAL),
        "high": NUMBER("To", format="%+.3f", width=58, help=INTERVAL),
        "verdict": TEXT("Verdict", width=62, help=VERDICT),
        "support": NUMBER(
            "Marks", format="localized", width=46, help="How many of them people gave."
        ),
    }


def _width(found: Common) -> int:
    """Return how wide the names of the labels are, within reason."""
    return min(160, 7 * max(map(len, [ALL, *found.comparison.labels])))


def chart(pair: Pair, found: Common) -> None:
    """Draw each difference with its interval; the table above says the same in numbers."""
    rows = list(ordered(found))[:DRAWN]
    said = "; ".join(f"{name} {signed(each.value)}, {each.verdict}" for name, each in rows)
    st.altair_chart(
        charts.intervals(
            [{**_row(name, each), "verdict": str(each.verdict)} for name, each in rows],
            f"{pair.b.title} − {pair.a.title}, F1",
        ),
        width="stretch",
        alt=f"Difference in F1 with its 95 % interval. {said}.",
    )
    if len(rows) < len(found.comparison.labels) + 1:
        st.caption(f"Drawn are the {DRAWN} that differ most; the table has all.")


def origin(pair: Pair, found: Common) -> None:
    """Say what the figures were counted on, and what was left out."""
    parts = [f"Counted on {count(found.documents, f'{found.split} document')} that both runs have"]
    if found.relabelled:
        parts.append(
            f"{found.relabelled:,} of them were relabelled in between, and the labels of "
            f"{pair.b.title} count"
        )
    left = found.only_a + found.only_b
    if left:
        parts.append(f"{count(left, 'other')} left out, for only one run has them as they are")
    st.caption(f"{literal('; '.join(parts))}.")
    if pair.a.id > pair.b.id:
        st.caption(
            f"{literal(pair.a.title)} is the newer of the two: *Swap* holds it against the labels "
            "that it knew."
        )
