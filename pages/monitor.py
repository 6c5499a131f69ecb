"""Monitor: what people write over time, by topic; alarms when something surges or drifts."""

import streamlit as st

from engine.monitoring.counting import ALL
from engine.runner import monitors
from pages.widgets.common.sidebar import require_project
from pages.widgets.monitor import charts, listing, making, opening, state
from storage.database.store import database
from storage.monitors import alarms
from storage.monitors import monitors as stored

project = require_project()
known = {each.id: each for each in stored.of_project(database(), project.id)}
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title("Monitor", width="content")
    if known:
        ids = list(known)
        wanted = st.session_state.get("monitor-chosen")
        chosen = known[
            st.selectbox(
                "Monitor",
                ids,
                index=ids.index(wanted) if wanted in known else len(ids) - 1,
                format_func=lambda number: known[number].name,
                label_visibility="collapsed",
                width=240,
            )
        ]
        st.session_state["monitor-chosen"] = chosen.id
        state.manage(project, chosen)
        new = st.toggle("New monitor", key="monitor-new")
if not known or new:
    making.require_model(project)
    if not known:
        st.markdown(
            "A monitor reads dated texts (reviews, mails, posts) with your model, counts them by "
            "topic, day after day, and tells you when something surges or slowly grows."
        )
    making.form(project)
    st.stop()

series = {(each.topic, each.label): each for each in monitors.series(database(), chosen)}
total = int(series[ALL].counts.sum()) if series else 0
st.caption(state.line(chosen, total))
state.problems(chosen, monitors.last_reading(database(), chosen))
state.follow(chosen)
if not series:
    st.stop()
state.drift(project, chosen, series[ALL].day(len(series[ALL].counts) - 1))
found = alarms.of_monitor(database(), chosen.id)
left, right = st.columns(2, gap="medium")
with left:
    alarm = listing.choose(found, f"alarms-{chosen.id}")
with right:
    cell = (alarm.topic, alarm.label) if alarm else ALL
    if alarm:
        listing.head(alarm)
with left, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    cells = list(series)
    cell = st.selectbox(
        "Over time",
        cells,
        index=cells.index(cell) if cell in series else 0,
        format_func=charts.name,
        key=f"monitor-cell-{chosen.id}-{alarm.id if alarm else 0}",
        label_visibility="collapsed",
        width=190,
    )
    figure = st.segmented_control(
        "Figure", charts.FIGURES, default=charts.COUNT, required=True, label_visibility="collapsed"
    )
with left:
    charts.show(series[cell], found, figure or charts.COUNT)
with right:
    if alarm:
        opening.show(project, chosen, alarm)
    elif found:
        st.info("Choose an alarm to read its texts and mend them.", icon=":material/arrow_back:")
