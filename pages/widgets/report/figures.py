"""What a report says first: a sentence, its headline figures, and how far seeds agree."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from engine.evaluation.confusion import Confusion
from engine.evaluation.figures import LABELS, epoch_kept, spoken
from engine.evaluation.findings import biggest, of_check, weakest
from engine.inspection import judging
from engine.tasks.learnable import LearnableLabels
from pages.widgets.common import tables
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.focus import steps
from pages.widgets.parts import choice, words
from storage.cells import Cell, Only
from storage.database.store import database
from storage.facts import Filter
from storage.types import Run
from storage.words import SPANS, Words

NUMBER = st.column_config.NumberColumn
# A longer name of a part than this is told at a hover only.
SHORT = 28
HELP = {
    "weakest": "Opens all that went wrong with the weakest label.",
    "biggest": "The biggest confusion: what was most often taken for something else.",
}
SEED_COLUMNS = {
    "seed": NUMBER("Seed", format="%d"),
    "note": st.column_config.TextColumn("Model"),
    "dev": NUMBER("Dev", format="%.3f"),
    "test": NUMBER("Test", format="%.3f"),
    "best_epoch": NUMBER("Best epoch"),
    "train_seconds": NUMBER("Seconds", format="%.0f"),
}


def in_words(found: Mapping, run: Run, split: str, said: Words = SPANS) -> None:
    """Say first what a person would say: which label is weakest, and how it goes wrong."""
    worst = weakest(found, said)
    if worst is None:
        every = said.fill("every {mark} was found as people gave it.")
        st.markdown(f"#### Nothing went wrong on the {split} documents: {every}", anchors=False)
        return
    table = Confusion.of(found)
    weak = Cell(run.id, split, worst.label, only=Only.ERRORS)
    number = table.count(*weak.place)
    left, right = st.columns([5, 3], vertical_alignment="center", gap="medium")
    left.markdown(f"#### {literal(worst.sentence)}", anchors=False)
    # Beside the sentence where there is room, else below it.
    with right.container(horizontal=True, gap="xsmall"):
        _button(weak, f"Open {'it' if number == 1 else f'these {number:,}'}", "weakest")
        part = weak
        if most := biggest(found):
            part = most.cell(run.id, split)
            named = part.title if len(part.title) <= SHORT else "Biggest confusion"
            _button(part, f"{literal(named)}: {most.count:,}", "biggest", literal(part.title))
        steps.offer(run, part)


def _button(part: Cell, title: str, key: str, whole: str = "") -> None:
    """Offer to open a part; what it is ``whole`` is said at a hover."""
    about = f"{whole}  \n{HELP[key]}" if whole else HELP[key]
    st.button(
        title, icon=":material/search:", key=key, on_click=choice.put, args=(part,), help=about
    )


def headline(found: Mapping, *, rates: bool = True, said: Words = SPANS) -> None:
    """Show the figures that one looks for first, each under its own name; F1 with its interval.

    ``rates`` are left open where a filter picks by what went wrong.
    """
    headline, ends = found["headline"], found.get("intervals", {}).get("micro")
    of = _micro(found)
    with st.container(horizontal=True, gap="medium"):
        for one in (headline, *headline["beside"]):
            rate = f"{one['value']:.3f}" if rates else "–"
            value = count(one["value"], one["unit"]) if "unit" in one else rate
            about = one.get("about") or said.fill(words.ABOUT.get(one["name"], "")) or None
            if ends and rates and of is one:
                value = f"{value} {words.between(*ends)}"
                about = f"{about or ''} {words.INTERVAL}".strip()
            st.metric(one["title"], value, help=about)


def _micro(found: Mapping) -> Mapping | None:
    """Return the figure of the headline that the interval is of: what is micro F1 by its value."""
    (table,) = (table for table in found["tables"] if table["name"] == LABELS)
    value = table["averages"]["micro"]["f1"]
    every = (found["headline"], *found["headline"]["beside"])
    return next((each for each in every if "unit" not in each and each["value"] == value), None)


def out_of_scope(found: Mapping) -> None:
    """Say how well texts that no label fits are told from the others, where that is known."""
    known = found.get("out_of_scope")
    if not known:
        return
    parts = [
        f"{title} **{known[name]:.3f}**"
        for name, title in words.OUT_OF_SCOPE.items()
        if known.get(name) is not None
    ]
    st.caption(f"Out of scope: {', '.join(parts)}.", help=words.OUT_OF_SCOPE_ABOUT)


def with_intervals(
    run: Run,
    split: str,
    found: Mapping,
    asked: Filter = Filter(),
    documents: int | None = None,
) -> Mapping:
    """Return scores with how sure each F1 is, also of a filter, or a report of before.

    As they are where nobody knows how many documents were scored.
    """
    documents = documents or found.get("documents")
    if found.get("intervals") or not documents:
        return found
    sure = judging.intervals_of(database(), run.id, split, documents, asked)
    return {**found, "intervals": sure.to_json()}


def origin(report: Mapping, said: Words = SPANS) -> None:
    """Say which epoch this is, what it learned from, and which labels it could not learn."""
    epoch = f"Epoch {epoch_kept(report)} · " if report["epochs"] else ""
    st.caption(
        f"{epoch}"
        f"{count(report['train_documents'], said.document)} to learn from · {report['device']}"
    )
    for sentence in LearnableLabels.left_out(report).sentences:
        st.caption(literal(sentence))


def checked(found: Mapping) -> None:
    """Say whether the field's reference agrees; reports of before were not shown to it."""
    if check := found.get("seqeval"):
        verdict, *unseen = of_check(check)
        version, micro = check["version"], check["micro"]
        about = words.SEQEVAL.format(version=version, f1=micro["f1"], support=micro["support"])
        st.caption(literal(verdict), help=" ".join([about, *unseen]))


def seeds(report: Mapping) -> None:
    """Say how far several seeds agree, with a row for each; nothing for a single one."""
    if not report.get("mean"):
        return
    parts = [
        f"{split} {spoken(report.get(split))} {found['mean']:.3f} ± {found['deviation']:.3f}"
        for split in ("dev", "test")
        if (found := report["mean"].get(split))
    ]
    if not parts:
        return
    st.caption(
        f"**{', '.join(parts)} over {len(report['seeds'])} seeds** (mean and standard "
        "deviation). The figures on this page are those of the seed that was best on dev."
    )
    with st.expander("Every seed", icon=":material/casino:"):
        tables.show(_seed_table(report), hide_index=True, column_config=SEED_COLUMNS)


def _seed_table(report: Mapping) -> pd.DataFrame:
    """Return a row a seed; the one whose model was kept says so."""
    rows = [{"note": "kept" if seed["kept"] else "", **seed} for seed in report["seeds"]]
    return pd.DataFrame(rows, columns=list(SEED_COLUMNS))
