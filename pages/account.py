"""Account: who is signed in, their password, and the way out."""

import streamlit as st

from pages.widgets.common import address
from pages.widgets.settings import own_account
from storage import permissions

address.keep_only()
st.title("Account")
person = permissions.current()
if person is None:
    st.info("Nobody signs in here: there are no accounts.", icon=":material/info:")
else:
    own_account.show(person)
