"""Report: the figures of a run, down to the single sentence."""

from dataclasses import replace

import streamlit as st

from engine import tasks
from engine.inspection import facts
from engine.runner import results
from pages.widgets.changed import line
from pages.widgets.common import address, run_picker
from pages.widgets.common.sidebar import require_project
from pages.widgets.focus import steps
from pages.widgets.parts import choice, sentences
from pages.widgets.report import again, figures, filters, leaving, views, workbench
from pages.widgets.report.views import Shown
from pages.widgets.talk import beside
from storage.database.store import database

address.keep_only("run", "split", "view", "filter", *address.PART, "slice", "stress", "thread")
project = require_project()
task = tasks.get(project.task)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title("Report", width="content")
    run = run_picker.choose(project)
    report = results.of_run(database(), run.id)
    again.offer(project, run)
    split = run_picker.choose_split(report)
    whole = figures.with_intervals(run, split, report[split])
    leaving.offer(project, run, split, whole)
    beside.about_run(project, run)
asked, why = filters.current(run, project.id)
scores = whole
if asked:
    found = facts.recount(database(), run, split, task, asked)
    scores = figures.with_intervals(run, split, found, asked, whole.get("documents"))
shown = Shown(project, run, split, scores, asked=asked, unfiltered=why, whole=whole)

figures.in_words(scores, run, split, shown.words)
steps.show(project)
figures.headline(scores, rates=not asked.by_outcome, said=shown.words)
figures.out_of_scope(whole)
known = views.of(whole)
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    view = known[address.choice("View", list(known), "view")]
    filters.bar(project.id, task, run, split, shown.confusion, asked, why)
# What was clicked is known before anything is drawn, so that it is drawn as open.
view.listen(shown)
shown = replace(shown, part=choice.current(run, split, scores, asked))
line.show_elsewhere(project)
left, right = workbench.sides()
with left:
    view.draw(shown)
    if shown.part:
        with st.container(horizontal=True, vertical_alignment="center"):
            sentences.choose(shown.confusion, shown.part)
            beside.about_part(project, shown.part)
    figures.origin(report, shown.words)
    figures.checked(whole)
    figures.seeds(report)
    run_picker.offer_comparison(run)
with right:
    workbench.begin(shown.part)
    view.beside(shown)
