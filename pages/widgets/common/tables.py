"""Tables whose own download and copy are safe to open in a spreadsheet."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from engine.formats.common.formulas import neutral


def show(data: pd.DataFrame | list[dict], **options: Any) -> Any:
    """Show a table, or rows, as ``st.dataframe`` does, with the same options and answer.

    What would be a formula is handed over as text, with an apostrophe before it, and still
    shown as it is.
    """
    frame, titles = _with_safe_names(pd.DataFrame(data))
    safe, shown = frame.copy(), {}
    for name in frame.select_dtypes(["object", "string", "str"]).columns:
        safe[name] = frame[name].map(neutral)
        if not safe[name].equals(frame[name]):
            shown[name] = frame[name]
    config = {**titles, **(options.pop("column_config", None) or {})}
    # A style is for what a person can look through; larger tables show the apostrophe.
    if shown and safe.size <= pd.options.styler.render.max_elements:
        safe = _dressed(safe, shown)
    return st.dataframe(safe, column_config=config, **options)


def _with_safe_names(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the frame with names of columns that are safe, and their titles where these differ."""
    names = {name: neutral(name) for name in frame.columns}
    changed = {safe: st.column_config.Column(name) for name, safe in names.items() if safe != name}
    return (frame.rename(columns=names), changed) if changed else (frame, {})


def _dressed(safe: pd.DataFrame, shown: dict[str, pd.Series]):
    """Let the columns of a table be shown as they were; numbers as in one without a style."""
    style = safe.style.format(_plain_number, subset=safe.select_dtypes("float").columns)
    for name, column in shown.items():
        words = {each: f"{each}"[1:] for each in set(safe[name]) - set(column)}
        style = style.format(lambda value, words=words: words.get(value, value), subset=[name])
    return style


def _plain_number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.4f}".rstrip("0").rstrip(".")
