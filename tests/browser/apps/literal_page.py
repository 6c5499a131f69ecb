"""A page that shows naughty texts in everything that takes Markdown, and formulas in a table."""

import pandas as pd
import streamlit as st

from pages.widgets.common import tables
from pages.widgets.common.errors import literal
from tests.browser.naughty import FORMULAS, NAUGHTY

for n, text in enumerate(NAUGHTY):
    shown = literal(text)

    def put(name: str, n: int = n):
        """Return a container that the test finds by its name."""
        return st.container(key=f"{name}-{n}")

    def show(_: int, shown: str = shown) -> str:
        return shown

    put("markdown").markdown(shown)
    put("inside").markdown(f"Files go into {shown} now.")
    put("caption").caption(shown)
    put("title").title(shown, anchor=False)
    put("subheader").subheader(shown, anchor=False)
    put("error").error(shown)
    put("info").info(shown)
    put("button").button(shown, key=f"b{n}")
    put("popover").popover(shown)
    put("link").page_link("https://here.example", label=shown)
    put("download").download_button(shown, "data", key=f"d{n}")
    put("checkbox").checkbox(shown, key=f"c{n}")
    put("select").selectbox(shown, [1], key=f"s{n}")
    put("input").text_input(shown, key=f"i{n}")
    put("radio").radio("r", [1], format_func=show, key=f"r{n}", label_visibility="collapsed")
    put("segments").segmented_control("s", [1], format_func=show, key=f"g{n}")
    put("pills").pills("p", [1], format_func=show, key=f"p{n}")
    put("expander").expander(shown)
    put("metric").metric(shown, 1)
    put("tab").tabs([shown])
    put("status").status(shown)

texts = [*FORMULAS, "-0.5", "plain"]
tables.show(
    pd.DataFrame({"Text": texts, "Share": 0.25, "F1": 0.5, "=Title": 1, "None": None}),
    column_config={"F1": st.column_config.NumberColumn(format="%.3f")},
    height=400,
)
