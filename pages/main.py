"""Which pages exist, and the project that all of them are about."""

import streamlit as st

from pages.access import pages
from pages.widgets.common import running, sidebar
from pages.widgets.frame import face, menu, rescue, sign, signed_in

face.put_on()
signed_in.enter()
page = st.navigation(pages.for_whoever_acts())
sidebar.choose_project()
running.remind()
sign.show(page.url_path)
signed_in.say_who()
menu.keep_clicks()
face.say_where(page.title, sidebar.current_project())
rescue.warn()
if pages.is_open(page):
    page.run()
else:
    pages.refuse(page)
