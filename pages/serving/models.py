"""Models: which version is live, which is to be, how it is served, and what it was asked."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.sidebar import require_project
from pages.widgets.models import keeping, service, versions

VIEWS = {"Versions": versions, "Service": service, "From production": keeping}

address.keep_only("view", "run")
st.title("Models")
project = require_project()
VIEWS[address.choice("View", list(VIEWS), "view")].show(project)
