"""One page with the tagger between two lines of text, over the project that the address names."""

import streamlit as st

from pages.widgets import edits, tagger
from pages.widgets.store import database
from storage import annotations, documents, projects, settings

st.set_page_config(layout="wide", initial_sidebar_state="collapsed")
db = database()
project = projects.get_project(db, int(st.query_params["project"]))
ids = list(documents.list_ids(db, project.id))
asked = st.query_params.get("document")
opened = (st.session_state.get("tagger") or {}).get("open") or {}
chosen = opened.get("document") or (int(asked) if asked else ids[0])
annotator = settings.annotator(db)
annotation = annotations.open_annotation(db, chosen, annotator)
document = annotation.document
focus = [int(part) for part in st.query_params.get("focus", "").split("-") if part]
st.write("Words before the tagger.")
tagger.mount(
    {
        "endpoint": edits.address(),
        "token": edits.sign(annotator, project.id),
        "project": project.id,
        "annotator": annotator,
        "document": {
            "id": document.id,
            "text": document.text,
            "tokens": [list(token) for token in document.tokens],
            "name": document.name,
            "split": document.split,
        },
        "state": annotation.state,
        "labels": [
            {"name": each.name, "color": each.color, "key": each.key, "description": ""}
            for each in project.labels
        ],
        "allow_overlaps": project.allow_overlaps,
        "queue": {
            "title": "All documents",
            "ids": ids,
            "index": ids.index(chosen),
            "total": len(ids),
        },
        "focus": {"start": focus[0], "end": focus[1]} if focus else None,
    }
)
st.write("Words behind the tagger.")
