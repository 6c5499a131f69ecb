"""Which pages exist, and the project that all of them are about."""

import streamlit as st

from pages.access import pages, session
from pages.widgets.common import running, sidebar
from pages.widgets.frame import face, menu, rescue, sign, signed_in
from storage.errors import StorageError

with session.asked_once():
    face.put_on()
    try:
        signed_in.enter()
        sidebar.choose_project()
        page = st.navigation(pages.for_whoever_acts(), expanded=True)
    except StorageError:
        # Known all the same: after a restore the page comes that was asked for.
        st.navigation(pages.hidden(), position="hidden")
        raise
    running.remind()
    sign.show(page.url_path)
    signed_in.say_who()
    menu.keep_clicks()
    face.say_where(page.title, sidebar.current_project())
    rescue.warn()
    if pages.is_open(page):
        page.run()
    else:
        signed_in.refuse(page.title, pages.refusal(page))
