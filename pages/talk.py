"""Talk: every thread of the project, and what waits in them; beside it who did what."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import require_project
from pages.widgets.talk import leaving, listing
from pages.widgets.team import ledger
from storage import permissions
from storage.collaboration import people
from storage.database.store import database

THREADS, WORK = "Threads", "Work"

address.keep_only("section", "view")
project = require_project()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title("Talk", width="content")
    leaving.offer(project)
several = permissions.current() is not None or people.are_several(database(), project.id)
sections = [THREADS, WORK] if several else [THREADS]
section = address.choice("Section", sections, "section") if several else THREADS
if section == WORK:
    st.caption(f"Who did what in {literal(project.name)}, and when.")
    ledger.show(project)
else:
    st.caption(f"What people ask and note about {literal(project.name)}.")
    listing.show(project)
