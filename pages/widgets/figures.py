"""The tables and headline figures of a report."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from engine.classes import Classes
from engine.findings import weakest
from pages.widgets import tables
from pages.widgets.errors import literal
from pages.widgets.words import count

AVERAGES = {"micro": "micro avg", "macro": "macro avg", "weighted": "weighted avg"}
NUMBER = st.column_config.NumberColumn
COLUMNS = {
    "label": st.column_config.TextColumn("Label", pinned=True),
    "precision": NUMBER("Precision", format="%.3f"),
    "recall": NUMBER("Recall", format="%.3f"),
    "f1": st.column_config.ProgressColumn("F1", format="%.3f", min_value=0.0, max_value=1.0),
    "support": NUMBER("Support", format="localized"),
}
SEED_COLUMNS = {
    "seed": NUMBER("Seed", format="%d"),
    "note": st.column_config.TextColumn("Model"),
    "dev": NUMBER("Dev F1", format="%.3f"),
    "test": NUMBER("Test F1", format="%.3f"),
    "best_epoch": NUMBER("Best epoch"),
    "train_seconds": NUMBER("Seconds", format="%.0f"),
}


def in_words(found: Mapping, split: str) -> None:
    """Say first what a person would say: which label is weakest, and how it goes wrong."""
    worst = weakest(found)
    words = (
        literal(worst.sentence)
        if worst
        else f"Nothing went wrong on the {split} documents: every span was found as it is labelled."
    )
    st.markdown(f"#### {words}", anchors=False)


def headline(found: Mapping, report: Mapping) -> None:
    """Show the figures that one looks for first, each under its own name."""
    micro, token = found["entity"]["micro"], found["token"]
    with st.container(horizontal=True, gap="medium"):
        st.metric("Entity F1", f"{micro['f1']:.3f}", help="micro average over all labels")
        st.metric("Precision", f"{micro['precision']:.3f}")
        st.metric("Recall", f"{micro['recall']:.3f}")
        st.metric("Entities", f"{micro['support']:,}", help="in the labelled data")
        st.metric("Token accuracy", f"{token['accuracy']:.3f}", help="not an F1: most tokens are O")
    chosen = "the best by dev F1" if report["dev"] else "the last, without a dev split"
    st.caption(
        f"Epoch {report['best_epoch']} of {report['epochs']}, {chosen} · "
        f"{count(report['train_documents'], 'sentence')} to learn from · {report['device']}"
    )
    for sentence in Classes.left_out(report).sentences:
        st.caption(literal(sentence))


def seeds(report: Mapping) -> None:
    """Say how far several seeds agree, with a row for each; nothing for a single one."""
    if not report.get("mean"):
        return
    parts = [
        f"{split} F1 {found['mean']:.3f} ± {found['deviation']:.3f}"
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


def _rows(section: Mapping, names: Mapping[str, str]) -> list[dict]:
    keys = ("precision", "recall", "f1", "support")
    found = [
        {"label": name, **{key: figures[key] for key in keys}}
        for name, figures in section["labels"].items()
    ]
    averages = [
        {"label": title, **{key: section[name][key] for key in keys}}
        for name, title in names.items()
    ]
    return found + averages


def entity_table(found: Mapping) -> pd.DataFrame:
    """Return entity-level figures per label and their averages."""
    return pd.DataFrame(_rows(found["entity"], AVERAGES))


def token_table(found: Mapping) -> pd.DataFrame:
    """Return token-level figures per tag and their averages, in the classic order."""
    return pd.DataFrame(_rows(found["token"], AVERAGES))
