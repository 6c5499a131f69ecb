"""How many documents wait for a decision, in one line on Home that leads to Adjudicate."""

from __future__ import annotations

import streamlit as st

from pages.access import table
from pages.widgets.common.words import count
from storage import permissions
from storage.collaboration import assignments, cases, deciding, people
from storage.collaboration.rules.policies import Gold
from storage.database.store import database
from storage.types import Project


def show(project: Project) -> None:
    """Show it to those who may decide, where documents wait."""
    if not permissions.may(table.PAGES["adjudicate"]) or not _applies(project):
        return
    if number := cases.count_waiting(database(), project.id):
        waits = "waits" if number == 1 else "wait"
        st.page_link(
            "together/adjudicate.py",
            label=f"{count(number, 'document')} {waits} for a decision",
            icon=":material/balance:",
            help="Several people finished them, and did not label them alike.",
        )


def _applies(project: Project) -> bool:
    """Tell whether what people label differently is to be decided.

    Where one person after the other edits a document and the newest counts, it has been mended.
    """
    if not people.are_several(database(), project.id):
        return False
    kind = deciding.policy(database(), project.id).kind
    return kind in (Gold.MAJORITY, Gold.ADJUDICATED) or assignments.go_to_several(
        database(), project.id
    )
