"""A small application for the tagger's own tests: the real component, route and database."""

import streamlit as st

from pages.routes import origins, routes

app = st.App("tagger_page.py", routes=routes(), middleware=origins.middleware())
