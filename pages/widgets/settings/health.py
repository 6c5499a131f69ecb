"""How the store is: what is wrong and what helps, first; then the figures, and a check."""

from __future__ import annotations

import os
from datetime import datetime
from functools import cache
from pathlib import Path

import streamlit as st

from pages.widgets.common.errors import literal
from storage.backups.background import Check
from storage.database.connection import file_of
from storage.database.store import database
from storage.health import findings, state
from storage.health.findings import Finding, Level
from storage.health.holders import Holder
from storage.health.state import Health

ICONS = {
    Level.ERROR: ":red[:material/error:]",
    Level.WARNING: ":orange[:material/warning:]",
    Level.NOTE: ":blue[:material/info:]",
    Level.GOOD: ":green[:material/check_circle:]",
}
# A small database is read within this, and no bar is worth while.
SHORT_SECONDS, REFRESH_SECONDS = 1.5, 1.0
# A bar that is guessed never says that all is done.
MOST = 0.97


def show() -> None:
    """Show what there is to say of the store, its figures, and a button that checks it."""
    path = file_of()
    check = _checks().get(path) if path else None
    looked = state.look(database().barrier())
    with st.container(gap="xsmall"):
        for finding in findings.of(looked):
            _say(finding)
    st.table(_figures(looked), border="horizontal")
    if path is None:
        return
    if check and check.running:
        st.fragment(_follow, run_every=REFRESH_SECONDS)(check)
        return
    if check and check.trouble:
        st.error(literal(str(check.trouble)), icon=":material/error:")
    if st.button(
        "Check the database",
        icon=":material/health_and_safety:",
        help="Reads every page of it, in the background; a large database takes minutes.",
    ):
        _begin(path)


def _say(finding: Finding) -> None:
    st.markdown(f"{ICONS[finding.level]} **{finding.about}** {literal(finding.sentence)}")


@cache
def _checks() -> dict[Path, Check]:
    """Return the checks of this process, of each database the newest."""
    return {}


def _begin(path: Path) -> None:
    check = _checks()[path] = Check(path, database().judge)
    check.start()
    with st.spinner("Reading the whole database"):
        check.wait(SHORT_SECONDS)
    st.rerun()


def _follow(check: Check) -> None:
    """Show how far a check is, until it ends or is ended."""
    if not check.running:
        st.rerun(scope="app")
    share = min(MOST, check.elapsed / max(check.expected, 0.1))
    left = max(0.0, check.expected - check.elapsed)
    st.progress(share, f"Reading the whole database: about {left:.0f} s left. You can go on.")
    if st.button("Stop", key="stop-check"):
        check.stop()
        st.rerun(scope="app")


def _figures(health: Health) -> dict[str, str]:
    sizes, told = health.sizes, findings.told
    rows = {
        "Database": f"{health.engine} {health.version} · {literal(health.place)}",
        "Schema": f"{health.revision or 'none'} (this version's is {health.newest})",
        "Sizes": f"database {told(sizes.database)}, log {told(sizes.log)}, "
        f"runs {told(sizes.runs)}, backups {told(sizes.backups)}, "
        f"set aside {told(sizes.set_aside)}",
        "Free": f"{told(sizes.free)} of {told(sizes.disk)} {_on(health)}",
        "Last check": _check(health),
        "Last backup": _backup(health),
        "In use by": _holders(health),
    }
    if health.engine == state.POSTGRES:
        rows = {name: rows[name] for name in ("Database", "Schema", "Free")}
        rows["Sizes"] = f"database {told(sizes.database)}, runs {told(sizes.runs)}"
    return rows


def _on(health: Health) -> str:
    return f"({literal(health.filesystem)})" if health.filesystem else ""


def _check(health: Health) -> str:
    checked = health.checked
    if checked is None:
        return "never"
    outcome = "damage found" if checked.complaint else "whole"
    return f"{_moment(checked.at)}: {outcome}, {told_seconds(checked.seconds)}"


def _backup(health: Health) -> str:
    backup, verified = health.backup, health.verified
    if backup is None:
        return "none"
    said = "not read back"
    if verified:
        said = f"read back {_moment(verified.at)}: {'damaged' if verified.complaint else 'whole'}"
    return f"{_moment(backup.at.isoformat())}, {said}"


def _holders(health: Health) -> str:
    if health.holders is None:
        return "this system does not tell"
    return "; ".join(_holder(each) for each in health.holders) or "nobody"


def _holder(holder: Holder) -> str:
    who = "this server" if holder.process == os.getpid() else literal(holder.name)
    return f"{who} (process {holder.process}): {', '.join(holder.roles)}"


def told_seconds(seconds: float) -> str:
    """Name a time that something took."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def _moment(at: str) -> str:
    """Say when, in the time of this computer, where the pages are made."""
    moment = datetime.fromisoformat(at).astimezone()
    today = moment.date() == datetime.now().astimezone().date()
    return moment.strftime("today, %H:%M" if today else "%d %b %Y, %H:%M")
