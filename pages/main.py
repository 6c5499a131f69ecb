"""Which pages exist, and the project that all of them are about."""

import streamlit as st

from pages.widgets.common import running, sidebar
from pages.widgets.frame import face, menu, rescue, sign

face.put_on()
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
        st.Page(
            "compare.py", title="Compare", icon=":material/compare_arrows:", url_path="compare"
        ),
        st.Page("review.py", title="Review", icon=":material/rule:", url_path="review"),
        st.Page("try.py", title="Try it", icon=":material/neurology:", url_path="try"),
        st.Page("match.py", title="Match", icon=":material/join_inner:", url_path="match"),
        st.Page("monitor.py", title="Monitor", icon=":material/monitoring:", url_path="monitor"),
        st.Page("settings.py", title="Settings", icon=":material/settings:", url_path="settings"),
    ]
)
sidebar.choose_project()
running.remind()
sign.show(page.url_path)
menu.keep_clicks()
face.say_where(page.title, sidebar.current_project())
rescue.warn()
page.run()
