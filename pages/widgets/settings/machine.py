"""Where training runs: on this computer or on a Ray cluster, for every project of the home."""

from __future__ import annotations

import streamlit as st

from engine import launchers
from engine.launchers import Cluster, Ray
from engine.runner import launching
from pages.widgets.common.errors import literal
from storage import home
from storage.database.store import database
from storage.errors import WhetstoneError


def show() -> None:
    """Show the launcher of new runs, with the cluster's address where one is meant."""
    db = database()
    known = launching.cluster(db)
    launcher = st.radio(
        "New runs train on",
        list(launchers.NAMES),
        index=list(launchers.NAMES).index(launching.chosen(db)),
        format_func=launchers.NAMES.get,
        horizontal=True,
        key="launcher-choice",
    )
    with st.form("launcher-form", border=False):
        cluster = _cluster(known) if launcher == "ray" else known
        save, test = st.columns([1, 6])
        if save.form_submit_button("Save", key="save-launcher"):
            _save(launcher, cluster)
        if launcher == "ray" and test.form_submit_button(
            "Test connection", icon=":material/network_check:"
        ):
            _test(cluster)


def _cluster(known: Cluster) -> Cluster:
    address = st.text_input(
        "Cluster address",
        known.address,
        help="The address of the Ray dashboard, which takes jobs.",
    )
    storage = st.text_input(
        "Shared storage",
        known.storage,
        placeholder="empty: the cluster sees the home folder",
        help="A URL that this computer and the cluster both reach, like s3://bucket/folder or "
        "file:///mnt/shared. Run folders are copied there and back. Leave it empty where the "
        "cluster sees the home folder under the same path.",
    )
    gpu = st.checkbox(
        "Use the cluster's GPUs",
        known.gpu,
        help="For runs whose device is “auto”. Each process of a run takes one.",
    )
    return Cluster(address.strip(), storage.strip(), gpu)


def _save(launcher: str, cluster: Cluster) -> None:
    try:
        launching.choose(database(), launcher, cluster)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.toast("Saved.", icon=":material/check:")


def _test(cluster: Cluster) -> None:
    try:
        with st.spinner("The cluster runs a small job …"):
            said = Ray(launching.checked(cluster)).test(home.folder())
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.success(literal(said), icon=":material/check:")
