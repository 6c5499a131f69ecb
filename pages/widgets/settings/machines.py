"""The machines that serve a shared database: what each has, what it runs, and how to add one."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from engine.runner.machines.needs import GIGABYTE
from pages.widgets.common.errors import literal
from storage.database.connection import Database
from storage.database.store import database
from storage.machines import identity, machines
from storage.machines.machines import Machine
from storage.runs import runs

NOBODY = "No machine has served this database yet: the first one is here within seconds."
ADD = (
    "On another machine with this version of Whetstone, with the same `WHETSTONE_DB` and "
    "`WHETSTONE_HOME` (a folder that both see; or the same `WHETSTONE_STORE`), start one more: it "
    "takes runs from the queue, and goes on with those of a machine that dies. Its tags are words "
    "of yours: a training that asks for them (*Tags* among its settings) goes to no other."
)
COMMAND = "python -m engine runner --tags gpu,big"


def show() -> None:
    """Show the machines as a table, what is wrong with one, and the command for the next."""
    db = database()
    known = machines.list_machines(db)
    if known:
        st.table([_row(db, each) for each in known], border="horizontal")
    else:
        st.caption(NOBODY)
    for each in known:
        if each.trouble:
            st.warning(literal(f"{each.name}: {each.trouble}"), icon=":material/warning:")
    st.markdown(ADD)
    st.code(COMMAND, language="bash")


def _row(db: Database, machine: Machine) -> dict[str, str]:
    own = " (this one)" if machine.id == identity.own_id() else ""
    at_work = [run.title for run in runs.active_runs(db) if run.machine == machine.id]
    return {
        "Machine": literal(machine.name) + own,
        "Has": _has(machine),
        "Tags": literal(", ".join(machine.tags)) or "–",
        "Heard of": _heard(machine),
        "Runs": ", ".join(at_work) or "–",
    }


def _has(machine: Machine) -> str:
    gpus = len(machine.gpus)
    counted = f", {gpus} {'GPU' if gpus == 1 else 'GPUs'}" if gpus else ""
    cores = f"{machine.cores} {'core' if machine.cores == 1 else 'cores'}"
    return f"{cores}, {machine.memory / GIGABYTE:.0f} GB{counted}"


def _heard(machine: Machine) -> str:
    """Say when a machine was heard of last: by times of day, which two machines may differ in."""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(machine.heard_at)).total_seconds()
    if not machine.silent:
        return "serves nothing" if machine.trouble else "now"
    minutes = max(1, round(seconds / 60))
    return f"silent for {minutes:,} min" if minutes < 120 else f"silent for {minutes // 60:,} h"
