"""Trying a model: the run to ask, a sentence, or a pair, to label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from engine import tasks
from engine.evaluation.figures import known_by
from engine.runner import folder_of, results
from pages.widgets.common import address, leave, run_picker, spans, tables, words
from pages.widgets.common.errors import literal
from pages.widgets.common.model import server
from pages.widgets.common.words import count
from pages.widgets.models import checking
from pages.widgets.pushing import view as pushing
from pages.widgets.try_it import answers, landing
from storage.collaboration import assignments
from storage.collaboration.rules.withholding import Withheld
from storage.corpus import documents
from storage.database import settings
from storage.database.store import database
from storage.errors import RefusedError, WhetstoneError
from storage.runs.suggestions import Suggestions
from storage.serving import versions
from storage.types import Document, Project, Run, Span, Stage
from storage.words import Words

SENTENCE, FILE, MATCHES = "A sentence", "A file", "What matches"
LONGEST_TEXT = 20_000
EXAMPLE = "Mara Lindqvist opened a new ferry harbour in Gothenburg."
WITHHELD = {
    Withheld.BARE: "You label this {document} from the text alone: ask once you have finished it.",
    Withheld.LEARNED: "You label this {document} without seeing others' labels, and this model may "
    "have learned them: ask once you have finished it.",
}
# Of so many labels the words that pushed towards them are offered.
PUSHED = 4
COLUMNS = {
    "text": st.column_config.TextColumn("Text"),
    "label": st.column_config.TextColumn("Label"),
    "score": st.column_config.ProgressColumn(
        "Sure",
        help="How sure the model is: the lowest probability of the words, 1 is certain",
        format="%.2f",
        min_value=0.0,
        max_value=1.0,
    ),
}


def choose(project: Project) -> Run:
    """Return the run whose model to ask, or say what to do and end the page."""
    made = versions.stages(database(), project.id)
    found = run_picker.models(project, "run")
    known = {run.id: run for run in run_picker.live_first(found, made)}
    if not known:
        st.info(
            "There is no model yet. Train one: a few minutes after that you can ask it here.",
            icon=":material/info:",
        )
        leave.page_link("train.py", label="Train a model", icon=":material/model_training:")
        st.stop()
    asked = address.read_id("run")
    ids = list(known)
    wanted = ids.index(asked) if asked in known else 0
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = known[
            st.selectbox(
                "Model",
                ids,
                index=wanted,
                format_func=lambda number: run_picker.title(known[number], made.get(number, "")),
                width=360,
                label_visibility="collapsed",
            )
        ]
        st.caption(
            literal(_standing(chosen, made)) + _strength(chosen, words.of(project)),
            help="Each finished training left a model. The live one comes first, then the "
            "candidate, then the newest.",
        )
    address.write(run=str(chosen.id))
    _check_promoted(chosen)
    try:
        # While a person types, the model is loaded.
        server().warm(folder_of(chosen))
    except RefusedError as error:
        st.error(literal(str(error)), icon=":material/error:")
        st.stop()
    return chosen


def _check_promoted(run: Run) -> None:
    """End the page where the model that is live, or the candidate, is not what was promoted."""
    promoted = versions.list_versions(database(), run.project_id)
    own = (each for each in promoted if each.run_id == run.id and each.stage != versions.FORMER)
    if (version := next(own, None)) and (wrong := checking.trouble(version)):
        st.error(literal(wrong), icon=":material/error:")
        st.stop()


def _standing(run: Run, made: Mapping[int, Stage]) -> str:
    """Say whether it is the model that is served; where none is, nothing."""
    if Stage.LIVE not in made.values():
        return ""
    return "This model is live. " if made.get(run.id) is Stage.LIVE else "Not the live model. "


def _strength(run: Run, said: Words) -> str:
    """Say how good the model was found to be."""
    known = known_by(results.of_run(database(), run.id) or {})
    if known is None:
        return "Nothing was set aside to score this model on."
    split, value = known
    return f"{said.short} {value:.2f} on its {split} documents"


def ways(project: Project) -> list[str]:
    """Return what a model of the project can be asked about."""
    ranks = tasks.get(project.task).fitting is not None
    return [SENTENCE, MATCHES, FILE] if ranks else [SENTENCE, FILE]


def said(project: Project, what: str) -> str:
    """Say what is asked about, in the words of the project's task."""
    return f"A {words.of(project).document}" if what == SENTENCE else what


def label_sentence(project: Project, run: Run) -> None:
    """Ask for a text, or for two, and show what the model makes of it."""
    asked = _typed(project)
    if asked is None or _is_withheld(project, run, asked):
        return
    try:
        with st.spinner("The model reads"):
            document, guesses = _asked(run, asked)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    task, paint = tasks.get(project.task), {label.name: label.color for label in project.labels}
    with st.container(border=True):
        if task.marks_whole:
            answers.show(document, guesses, paint, task.words)
        else:
            _show(paint, document)
    landing.offer(project, asked, Suggestions(run.id, document.spans, tuple(guesses)))
    if task.marks_whole:
        with st.container(border=True):
            named = [span.label for span in (*document.spans, *guesses)]
            pushing.of_text(project, run, asked, named[:PUSHED])


def _is_withheld(project: Project, run: Run, asked: Document) -> bool:
    """Say so where a text is one that whoever asks is to label by themselves first."""
    db = database()
    why = assignments.withheld_text(db, project.id, asked, settings.annotator(db), run.id)
    if why is not None:
        st.info(literal(words.of(project).fill(WITHHELD[why])), icon=":material/visibility_off:")
    return why is not None


def _typed(project: Project) -> Document | None:
    """Let a person type a text, or two; None while one is missing."""
    task = tasks.get(project.task)
    example = _example(project) if task.marks_whole else Document(EXAMPLE)
    fields = {"sentence": ("Text", example.text)}
    if "second_text" in task.columns:
        fields = {
            "sentence": ("First text", example.text),
            "second": ("Second text", example.second_text or ""),
        }
    typed = [
        st.text_area(
            title,
            key=key,
            height=110,
            max_chars=LONGEST_TEXT,
            placeholder=hint,
            persist_state="session",
        )
        for key, (title, hint) in fields.items()
    ]
    st.button(
        "See what the model says",
        type="primary",
        icon=":material/neurology:",
        on_click=_take_the_example,
        args=({key: hint for key, (_, hint) in fields.items()},),
    )
    if not all(text.strip() for text in typed):
        return None
    return Document(typed[0], second_text=typed[1] if len(typed) > 1 else None)


def _example(project: Project) -> Document:
    """Return a document of the project's own, to be tried as it stands."""
    db = database()
    first = documents.list_ids(db, project.id)[:1]
    return documents.get_document(db, first[0]) if first else Document(EXAMPLE)


def _take_the_example(example: Mapping[str, str]) -> None:
    """Ask about what stands in empty fields: it looks like something to try."""
    if not any(st.session_state[key].strip() for key in example):
        st.session_state.update(example)


def _asked(run: Run, asked: Document) -> tuple[Document, Sequence[Span]]:
    """Return the labelled text and the next guesses; a click does not ask for them again."""
    key = (run.id, asked.text, asked.second_text)
    if st.session_state.get("asked_of_model") != key:
        found = server().guess(folder_of(run), [asked])
        st.session_state["asked_of_model"] = key
        st.session_state["answer_of_model"] = found[0]
    return st.session_state["answer_of_model"]


def _show(colors: Mapping[str, str], document: Document) -> None:
    st.html(spans.read(document.text, document.spans, colors))
    if not document.spans:
        st.caption("The model marks nothing here.")
        return
    st.caption(
        f"{count(len(document.spans), 'span')}; the small number says how sure the model is, "
        "1 is certain."
    )
    rows = [(document.text[s.start : s.end], s.label, s.score) for s in sorted(document.spans)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    with st.expander("As a table", icon=":material/table_rows:"):
        tables.show(frame, hide_index=True, column_config=COLUMNS)
