"""Finds strings wherever they stand, shows what would be labelled, and labels it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import pandas as pd
import streamlit as st

from engine.corpus.dictionary import Dictionary
from pages.widgets.common import label_changes, tables
from pages.widgets.common.errors import literal
from pages.widgets.common.label_changes import counted
from pages.widgets.common.sidebar import require_project
from pages.widgets.common.spans import STYLE, draw_line, window
from pages.widgets.common.words import count
from pages.widgets.data.dictionary import kept_lists, origins
from pages.widgets.data.dictionary.kept_lists import Offer
from pages.widgets.data.dictionary.origins import Strings
from storage.actions import actions
from storage.coaching import word_lists
from storage.coaching.word_lists import WordList
from storage.corpus import projects
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.finding import progress
from storage.journal import annotations
from storage.types import Document, Project, Source, Span, Status

SAMPLES = 12
# The bar moves after so many documents.
STEP = 500
_FOUND = "dictionary-found"


@dataclass
class Hits(Mapping):
    """What a dictionary found: a project's operations by document, made only when asked for.

    A hundred thousand documents can have a million hits, which are kept as plain numbers.
    """

    note: str = ""
    texts: int = 0
    spans: int = 0
    by_label: Counter[str] = field(default_factory=Counter)
    strings: Counter[str] = field(default_factory=Counter)
    places: dict[int, list[tuple[int, int, str, str]]] = field(default_factory=dict)
    samples: list[tuple[Document, list[Span]]] = field(default_factory=list)

    def add(self, document: Document, spans: list[Span]) -> None:
        """Take in what was found in one document."""
        self.texts += 1
        self.spans += len(spans)
        if not spans:
            return
        known = len(self.strings)
        self.places[document.id] = found = []
        for span in spans:
            quote = document.text[span.start : span.end]
            self.by_label[span.label] += 1
            self.strings[quote] += 1
            found.append((span.start, span.end, span.label, quote))
        if known < len(self.strings) and len(self.samples) < SAMPLES:
            self.samples.append((document, spans))

    def __getitem__(self, document: int) -> list[dict]:
        return [_operation(*place) for place in self.places[document]]

    def __iter__(self) -> Iterator[int]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


def show(project: Project | None) -> None:
    """Show where the strings come from, what they would label, and what was done so far."""
    project = project or require_project()
    label_changes.say(project)
    st.caption(
        "Labels every place where a string of the dictionary stands. A document so labelled is "
        "not done: you look at it in the tagger."
    )
    kept = word_lists.of_project(database(), project.id)
    strings = origins.choose(project, kept)
    options = _options()
    if strings is not None:
        _found(project, strings, options, kept)
    kept_lists.show(project, kept, origins.use)
    label_changes.show(project)


def _found(
    project: Project, strings: Strings, options: dict[str, bool], kept: list[WordList]
) -> None:
    """Look for the strings when asked to, and show what was found of them."""
    asked = (project.id, strings.origin, tuple(options.items()))
    with st.container(horizontal=True):
        looks = st.button(strings.words, icon=":material/search:")
        if strings.file:
            how = options["whole_words"], options["match_case"]
            kept_lists.offer(project, Offer(strings.file, strings.gather()[0], *how), kept)
    if looks:
        st.session_state[_FOUND] = (asked, _search(project, strings, options))
    known, hits = st.session_state.get(_FOUND, (None, None))
    if known == asked:
        _preview(project, hits)


def _options() -> dict[str, bool]:
    # Choosing a kept list sets them, which a default would contradict.
    for name in ("dictionary-words", "dictionary-case"):
        st.session_state.setdefault(name, True)
    with st.container(horizontal=True, gap="medium"):
        return {
            "whole_words": st.toggle("Whole words only", key="dictionary-words"),
            "match_case": st.toggle("Match case", key="dictionary-case"),
            "untouched": st.toggle(
                "Only untouched documents",
                True,
                key="dictionary-untouched",
                help="Else all; a span that is there stays, and nothing is put over it.",
            ),
        }


def _search(project: Project, strings: Strings, options: dict[str, bool]) -> Hits:
    """Look through the documents, with a bar that says how far."""
    entries, note = strings.gather()
    dictionary = Dictionary(entries, options["whole_words"], options["match_case"])
    statuses = (Status.UNTOUCHED,) if options["untouched"] else tuple(Status)
    by_status = progress.of(database(), project.id).by_status
    total = sum(by_status[status] for status in statuses)
    hits = Hits(note)
    bar = st.progress(0.0, "Looking")
    for document in annotations.current(database(), project.id, statuses=statuses):
        taken = [(span.start, span.end) for span in document.spans]
        hits.add(document, dictionary.spans(document.text, taken))
        if hits.texts % STEP == 0:
            bar.progress(min(1.0, hits.texts / max(1, total)), f"{hits.texts:,} of {total:,}")
    bar.empty()
    return hits


def _preview(project: Project, hits: Hits) -> None:
    if hits.note:
        st.caption(hits.note)
    if not hits.spans:
        st.info(f"None of them stands in the {count(hits.texts, 'document')} looked at.")
        return
    with st.container(horizontal=True, gap="large"):
        st.metric("Spans", f"{hits.spans:,}")
        st.metric("Documents", f"{len(hits):,}", help=f"Of {hits.texts:,} looked at.")
        st.metric("Strings found", f"{len(hits.strings):,}")
    fresh = sorted(hits.by_label.keys() - {label.name for label in project.labels})
    if fresh:
        st.caption(f"New labels: {literal(', '.join(fresh))}.")
    words = literal(counted(hits.spans, len(hits)))
    if st.button(f"Label {words}", type="primary", icon=":material/done_all:"):
        _label(project, hits, fresh)
    one, two = st.columns([1, 2], gap="large")
    with one:
        _table(hits)
    with two:
        _samples(project, hits)


def _table(hits: Hits) -> None:
    for head, counts in (("Label", hits.by_label), ("String", hits.strings)):
        frame = pd.DataFrame(counts.most_common(1_000), columns=[head, "Spans"])
        tables.show(frame, hide_index=True, height=min(300, 40 + 35 * len(frame)))


def _samples(project: Project, hits: Hits) -> None:
    st.caption("How it will look: documents with the first of each string")
    shades = {label.name: label.color for label in project.labels}
    with st.container(border=True):
        lines = (_line(document, spans, shades) for document, spans in hits.samples)
        st.html(STYLE + "".join(lines))


def _line(document: Document, spans: list[Span], shades: dict[str, str]) -> str:
    start, end = window(document.text, spans[:1])
    drawn = draw_line(document.text, spans, None, shades, start, end)
    return f'<p class="ws-text" dir="auto">{drawn}</p>'


def _label(project: Project, hits: Hits, fresh: list[str]) -> None:
    db = database()
    try:
        # No bar here: a click on the page would end the run at its next step, half-way.
        with st.spinner(f"Labelling {count(len(hits), 'document')}", show_time=True):
            projects.add_labels(db, project.id, fresh)
            title = f"Dictionary of {count(len(hits.strings), 'string')}"
            action = actions.apply(
                db, project.id, settings.annotator(db), "dictionary", title, hits
            )
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    label_changes.remember(action)
    del st.session_state[_FOUND]
    st.rerun()


def _operation(start: int, end: int, label: str, quote: str) -> dict:
    span = {"id": uuid4().hex, "start": start, "end": end, "label": label, "quote": quote}
    return {"kind": "add", "span": {**span, "source": str(Source.DICTIONARY)}}
