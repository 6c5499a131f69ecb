"""What of a catalogue answers a text, best first, as the model orders it; Match is for deciding."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from engine.runner import catalogues, folder_of, results
from pages.widgets.common import errors, leave
from pages.widgets.common.errors import literal
from pages.widgets.common.model import server
from pages.widgets.match import asking
from pages.widgets.match.payload import is_good
from pages.widgets.try_it import answers, landing
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.runs import runs
from storage.types import Document, Project, Run, RunState

SHOWN = 5
# Good answers are green, and the bar of any other is no louder than its text.
GOOD, OTHER = "#2f9e62", answers.GREY
STYLE = """
<style>
.ws-ranked .ws-chances { grid-template-columns: minmax(12rem, 3fr) minmax(4rem, 1fr) 4.5ch; }
.ws-ranked .ws-chances .ws-name { max-width: none; }
</style>
"""


def show(project: Project, run: Run, longest: int) -> None:
    """Ask for a text and show what fits it best, or lead to where a catalogue is loaded."""
    known = [each for each in catalogues.known(database(), project.id) if _is_read(each)]
    if not known:
        st.info(
            "Ranked matches come of a catalogue: the answers or items to choose from. Load one on "
            "Match, then ask it there or here.",
            icon=":material/info:",
        )
        leave.page_link("match.py", label="Load a catalogue", icon=":material/join_inner:")
        return
    chosen = next((each for each in known if each.model_of == run.id), known[0])
    _say_which(chosen, run)
    text = st.text_area(
        "Text",
        key="sentence",
        height=84,
        max_chars=longest,
        placeholder=asking.EXAMPLE,
        persist_state="session",
    )
    st.button("Find answers", type="primary", icon=":material/search:")
    try:
        # While a person types, the models are loaded.
        server().warm_catalogue(folder_of(chosen))
        if text.strip():
            with st.spinner("Looking through the catalogue"):
                (found,) = asking.answered(chosen, [text.strip()], 0.0)
            _list(project, found, chosen)
    except WhetstoneError as error:
        errors.show(error)


def _is_read(run: Run) -> bool:
    return run.state is RunState.DONE


def _say_which(chosen: Run, run: Run) -> None:
    """Say which catalogue is asked and whose model orders it, which may be another one's."""
    said = f"In **{literal(catalogues.name_of(chosen))}**"
    if chosen.model_of is None:
        said += ", read by the untrained encoder: Match reads it with a trained model."
    elif chosen.model_of != run.id:
        other = runs.get_run(database(), chosen.model_of).title
        said += f", as {other} orders it: Match reads it with another model."
    else:
        said += f", as {run.title} orders it."
    st.markdown(said)


def _list(project: Project, found: Mapping[str, Any], chosen: Run) -> None:
    """Show the first answers; those that dev calls good enough are bold."""
    report = results.of_run(database(), chosen.id) or {}
    highest = float(report.get("highest") or 1.0)
    rows = [(each, is_good(each, None)) for each in found["answers"][:SHOWN]]
    best = [
        (escape(each["text"]), GOOD if good else OTHER, each["score"] / highest, good)
        for each, good in rows
    ]
    with st.container(border=True):
        st.html(f'{answers.STYLE}{STYLE}<div class="ws-ranked">{answers.listed(best)}</div>')
    good = sum(given for *_, given in best)
    st.caption(
        "Bold is good enough, as dev says; the number is how well it fits, 1 is certain."
        if good
        else "No good answer: each fits worse than dev says is good enough."
    )
    if rows:
        first = Document(found["query"], second_text=rows[0][0]["text"])
        landing.offer(project, first, label="The first is wrong")
    leave.page_link(
        "match.py",
        label="Accept and reject them on Match",
        icon=":material/join_inner:",
        query_params={"catalogue": str(chosen.id)},
    )
