"""What would come in: how much, of which labels, some of it as it would look, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

import pandas as pd
import streamlit as st

from engine import formats
from engine.corpus.import_plan import ImportPlan
from engine.formats.common.problems import sentence, shorten
from pages.widgets.common import colors, spans, tables
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.data import problem_list
from storage.actions.onto import Outcome
from storage.corpus.labels import PALETTE
from storage.types import Project, Severity
from storage.words import Words

FILES = 200
LISTED = 4
CHARACTERS = 400
LABELS = 40
# How this door gives the options that a problem's sentence leaves open.
ADVICE = {
    "encoding": "Another one can be chosen above.",
    "offsets": "What they count can be chosen above.",
    "tag_column": "Others can be chosen above.",
    "text_column": "Another one can be chosen above.",
    "label_column": "Another one can be chosen above.",
    "label_separator": "What stands between labels can be said under More columns.",
    "second_column": "Another one can be chosen above.",
    "whole": "To label whole texts, choose that above, or make a new project for it.",
    "negatives": "Their number can be chosen above.",
    "allow_duplicates": "If it is meant so, tick the box below.",
}
BOXES = {
    "skip_bad": "Leave out the rows with errors and import the rest",
    "allow_duplicates": "Import them all the same",
}
STYLE = """
<style>
.ws-preview { display: grid; gap: .6rem; }
.ws-preview > div { border: 1px solid #8883; border-radius: .5rem; padding: .35rem .8rem; }
.ws-preview small.ws-name { opacity: .7; overflow-wrap: anywhere; }
.ws-preview > div { min-width: 0; }
.ws-preview .ws-text { line-height: 2; max-height: 9rem; overflow: auto; }
.ws-chips { display: flex; flex-wrap: wrap; gap: .35rem .6rem; align-items: baseline;
  margin-bottom: .75rem; }
.ws-chips small { opacity: .75; margin-inline-start: .25rem; }
</style>
"""


def show(plan: ImportPlan, project: Project | None, words: Words) -> None:
    """Show the counts, what is wrong, and a few documents with their marks."""
    st.markdown(_counts(plan, words))
    if plan.outcome:
        _found(plan.outcome, plan, words)
    else:
        _leaks(plan, words)
    _files(plan)
    _errors(plan)
    _choices(plan)
    shades = _colors(plan, project)
    if plan.labels or plan.preview:
        st.html(STYLE + spans.STYLE + _chips(plan.labels, shades) + _drawn(plan, shades))
    _warnings(plan)


def show_near(plan: ImportPlan, look: Callable[[], None]) -> None:
    """List texts that are nearly the same, or offer to look for them."""
    if plan.near is None:
        if plan.documents and not plan.refused:
            st.button(
                "Look for near-duplicates",
                icon=":material/content_copy:",
                type="tertiary",
                on_click=look,
                help="Texts that differ in few words, among these and what the project has. The "
                "files are read again, in the background; at many documents it takes minutes.",
            )
        return
    near = plan.near
    if not near.groups:
        st.success("No two texts are nearly the same.", icon=":material/check_circle:")
        return
    said = f"{count(near.groups, 'group')} of texts that are nearly the same"
    if near.across:
        st.error(
            f"**{near.across:,} of {said}** are in several splits: what is learned is asked "
            "again, and a report looks better than it should.",
            icon=":material/content_copy:",
        )
    with st.expander(said, icon=":material/content_copy:"):
        problem_list.show(near.problems, "near-duplicates")
        if near.groups > len(near.problems):
            st.caption(f"The first {len(near.problems):,} of {near.groups:,} are listed.")


def noun(plan: ImportPlan, words: Words) -> str:
    """Return what comes in: a text with spans is a document here, whatever else it is called."""
    return words.document if plan.shape.whole else "document"


def _counts(plan: ImportPlan, words: Words) -> str:
    parts = [
        f"**{plan.documents:,}** {count(plan.documents, noun(plan, words)).split()[1]}",
        *([] if plan.shape.whole else [count(plan.tokens, "token")]),
        count(plan.spans, words.mark),
        *([] if plan.outcome else [count(plan.duplicates, "duplicate")]),
    ]
    if plan.sampled + plan.mined:
        parts.append(f"nobody chose {plan.sampled:,} sampled and {plan.mined:,} mined ones")
    if plan.scheme:
        parts.append(f"tag scheme {plan.scheme}")
    if found := list(dict.fromkeys(file.encoding for file in plan.files if file.encoding)):
        parts.append(literal(", ".join(found)))
    return " · ".join(parts)


def _found(outcome: Outcome, plan: ImportPlan, words: Words) -> None:
    """Say how many documents of the files are in the project, and list which are not."""
    what = noun(plan, words)
    parts = [
        f"**{outcome.matched:,}** of them found in the project",
        f"**{count(outcome.changed, what)}** there would change",
    ]
    if outcome.silent:
        parts.append(f"{outcome.silent:,} say nothing of labels and change nothing")
    st.markdown(" · ".join(parts))
    if outcome.missed:
        with st.expander(f"{count(outcome.missed, what)} not found", icon=":material/link_off:"):
            problem_list.show(plan.unmatched, "unmatched")


def _leaks(plan: ImportPlan, words: Words) -> None:
    """Warn of texts to learn from and to measure on at once."""
    if not plan.leaking:
        return
    what = count(plan.leaking, noun(plan, words))
    st.error(
        f"**{what} would be learned from and measured on at once**: the text is in train and in "
        "dev or test, here or in the project, so figures on it say nothing. The list below names "
        "each.",
        icon=":material/content_copy:",
    )


def _files(plan: ImportPlan) -> None:
    """List the files where there are several: what each was read as, and what it brings."""
    if len(plan.files) < 2:
        return
    titles = {codec.name: codec.title for codec in formats.codecs(plan.shape)}
    rows = [
        (f.name, titles.get(f.format, f.format), f.encoding, str(f.split), f.documents, f.spans)
        for f in plan.files[:FILES]
    ]
    with st.expander(count(len(plan.files), "file"), icon=":material/description:"):
        head = ["File", "Format", "Encoding", "Split", "Documents", "Marks"]
        tables.show(pd.DataFrame(rows, columns=head), hide_index=True)
        if len(plan.files) > FILES:
            st.caption(f"… and {len(plan.files) - FILES:,} more")


def _errors(plan: ImportPlan) -> None:
    errors = [p for p in plan.problems if p.severity is Severity.ERROR]
    if errors:
        lines = [f"- {literal(sentence(p, ADVICE))}" for p in errors[:LISTED]]
        title = f"**{count(len(errors), 'error')}**"
        st.error("\n".join([f"{title}\n", *lines]), icon=":material/error:")
    if len(errors) > LISTED:
        with st.expander("All of them"):
            problem_list.show(errors, "errors")
    for option, label in BOXES.items():
        if st.session_state.get(option) or any(p.option == option for p in errors):
            st.checkbox(label, key=option)


def _choices(plan: ImportPlan) -> None:
    """Say what was taken where there was a choice."""
    for problem in [p for p in plan.problems if p.option and p.severity is Severity.WARNING][:3]:
        st.markdown(f":material/info: {literal(sentence(problem, ADVICE))}")


def _warnings(plan: ImportPlan) -> None:
    warnings = [p for p in plan.problems if p.severity is Severity.WARNING and not p.option]
    if warnings:
        with st.expander(count(len(warnings), "warning"), icon=":material/warning:"):
            problem_list.show(warnings, "warnings")


def _colors(plan: ImportPlan, project: Project | None) -> dict[str, str]:
    """Return each label's colour: the project's own, for new ones those that they would get."""
    known = {label.name: label.color for label in project.labels} if project else {}
    new = [name for name in plan.stage.labels if name not in known]
    return known | {
        name: PALETTE[(len(known) + number) % len(PALETTE)] for number, name in enumerate(new)
    }


def _chips(labels: Mapping[str, int], shades: Mapping[str, str]) -> str:
    most = sorted(labels.items(), key=lambda item: -item[1])
    theme = colors.current()
    chips = [
        f"<span>{colors.chip(shorten(name), shades[name], theme)}<small>{number:,}</small></span>"
        for name, number in most[:LABELS]
    ]
    if len(most) > LABELS:
        chips.append(f"<small>and {count(len(most) - LABELS, 'more label')}</small>")
    return f'<div class="ws-chips">{"".join(chips)}</div>'


def _drawn(plan: ImportPlan, shades: Mapping[str, str]) -> str:
    """Draw the documents of the preview, and say how many there are behind them."""
    rows = [
        f'<div><small class="ws-name">{escape(document.name)}</small>'
        f'<div class="ws-text" dir="auto">'
        f"{spans.draw(document.text, document.spans, shades, CHARACTERS)}"
        f"{spans.second(document.second_text)}</div></div>"
        for document in plan.preview
    ]
    if more := plan.documents - len(rows):
        rows.append(f'<small class="ws-name">and {count(more, "more document")}</small>')
    return f'<div class="ws-preview">{"".join(rows)}</div>'
