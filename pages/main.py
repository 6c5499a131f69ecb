"""Which pages exist, and the project that all of them are about."""

from pathlib import Path

import streamlit as st

from pages.widgets import sidebar

# A file of ours: a Material icon in the tab would be fetched from another host.
ICON = Path(__file__).parent / "pictures" / "icon.svg"

st.set_page_config(page_title="Whetstone", page_icon=ICON, layout="wide")

page = st.navigation(
    [
        st.Page("home.py", title="Home", icon=":material/home:", default=True),
        st.Page("data.py", title="Data", icon=":material/folder_open:", url_path="data"),
        st.Page("tag.py", title="Tag", icon=":material/ink_highlighter:", url_path="tag"),
        st.Page(
            "guideline.py",
            title="Guideline",
            icon=":material/menu_book:",
            url_path="guideline",
        ),
        st.Page("train.py", title="Train", icon=":material/model_training:", url_path="train"),
        st.Page("report.py", title="Report", icon=":material/grid_on:", url_path="report"),
        st.Page("settings.py", title="Settings", icon=":material/settings:", url_path="settings"),
    ]
)
sidebar.choose_project()
page.run()
