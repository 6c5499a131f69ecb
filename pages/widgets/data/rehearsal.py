"""What would come in: small files are read at once, larger ones in a process of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.corpus import importing
from engine.corpus.import_plan import ImportPlan
from engine.corpus.uploads import Upload
from engine.formats.common.sources import is_packed
from engine.transfers import putting, undecided
from engine.transfers.imports import KIND, Arrived, Import
from engine.transfers.putting import Onto
from engine.transfers.registry import About, Transfer, transfers
from engine.transfers.state import Phase
from pages.widgets.common import running
from pages.widgets.common.errors import literal
from storage.actions.onto import Outcome
from storage.corpus import documents
from storage.corpus.documents import Intake, Target
from storage.database import settings
from storage.database.store import database
from storage.transfers.uploads import Incoming, uploads
from storage.types import Project

# What is read while a page waits for it. What is packed says little about what is in it, and may
# be a trap: it takes no more than a process of its own.
SMALL_BYTES = 2_000_000
LEAVE = "You can leave this page meanwhile."
# In the session: the files, and how they are read, for which near-duplicates are looked for; and
# those that are shown now.
NEAR, ASKED = "near-duplicates", "rehearsed"


@dataclass(frozen=True, slots=True)
class Input:
    """What is to come in: files or a pasted text, with names for labels that nothing has yet."""

    uploads: tuple[Upload, ...] = ()
    labels: tuple[str, ...] = ()
    key: tuple[object, ...] = ()
    """Tells this source from another one without comparing what is in it."""
    is_pasted: bool = False
    batch: str = ""
    """Where its files lie; "" of a pasted text."""
    is_small: bool = True
    is_coming: bool = False
    """Whether files are still on their way."""
    files: tuple[Incoming, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would come in, and the import that has it; None where the page itself has."""

    plan: ImportPlan
    transfer: Transfer | None = None
    onto: Onto | None = None
    """Whose documents get its labels; None where it comes in as new documents."""


def of_files(files: tuple[Incoming, ...], batch: str, is_coming: bool) -> Input:
    """Return dropped files as something to import: those of one folder together."""
    folders: dict[str, list[Incoming]] = {}
    for each in files:
        first, inside, _ = each.name.partition("/")
        folders.setdefault(first + inside if inside else f"{each.number}", []).append(each)
    given = tuple(_upload(name, found) for name, found in folders.items())
    small = sum(each.size for each in files) <= SMALL_BYTES and not any(map(_is_packed, files))
    key = (batch, *(each.number for each in files))
    return Input(given, key=key, batch=batch, is_small=small, is_coming=is_coming, files=files)


def _upload(name: str, found: list[Incoming]) -> Upload:
    if not name.endswith("/"):
        return found[0].name, found[0].path
    return name.rstrip("/"), tuple((each.name.removeprefix(name), each.path) for each in found)


def _is_packed(file: Incoming) -> bool:
    with file.path.open("rb") as opened:
        return is_packed(opened.read(8))


def show(
    source: Input, project: Project | None, given: Mapping[str, Any], onto: Onto | None = None
) -> Rehearsal | None:
    """Return what would come in, or show how far its reading is and return None.

    ``given`` are the options of `importing.plan`; with ``onto`` the labels alone come in. Raises
    WhetstoneError.
    """
    newest = documents.newest_id(database(), project.id) if project else 0
    key = (source.key, project and project.id, newest, onto, repr(sorted(given.items())))
    options = {**given, "allow_overlaps": project.allow_overlaps if project else True}
    if onto:
        # What is meant for a project's documents has their texts.
        options["allow_duplicates"] = True
    if st.session_state.get(NEAR) == key:
        forget()
        return _followed(_background(source, project, options, (*key, NEAR), onto))
    st.session_state[ASKED] = key
    if source.is_small:
        return Rehearsal(_read_here(source, project, options, key, onto), onto=onto)
    return _followed(_background(source, project, options, key, onto))


def _read_here(
    source: Input,
    project: Project | None,
    options: Mapping[str, Any],
    key: tuple,
    onto: Onto | None,
) -> ImportPlan:
    """Read at once what was not read so before."""
    known, plan = st.session_state.get("rehearsal", (None, None))
    if known != key:
        forget()
        known = documents.known_texts(database(), project.id) if project and not onto else None
        plan = importing.plan(source.uploads, known=known, **options)
        if onto and not plan.refused:
            plan = putting.look(database(), plan, onto)
        elif onto is None:
            plan = undecided.look(database(), plan, project.id if project else None)
        st.session_state["rehearsal"] = (key, plan)
    return plan


def forget() -> None:
    """Let go of what was read here."""
    _, plan = st.session_state.pop("rehearsal", (None, None))
    if plan is not None:
        plan.stage.close()


def _background(
    source: Input,
    project: Project | None,
    options: Mapping[str, Any],
    key: tuple,
    onto: Onto | None,
) -> Transfer:
    """Return the process that reads, or has read, exactly this; start it where there is none."""
    owner = settings.annotator(database())
    for each in transfers.of(owner, KIND):
        if each.about.key == key:
            return each
    end_others(source)
    number = project.id if project else None
    title = str(source.uploads[0][0]) if isinstance(source.uploads[0], tuple) else "Files"
    more = len(source.uploads) - 1
    about = About(owner, KIND, key, f"{title} and {more} more" if more else title, number)
    uploads.hold(source.batch, owner)
    order = Import(source.uploads, number, options, onto, near=key[-1] == NEAR)
    return transfers.begin(about, order, lambda: uploads.release(source.batch))


def end_others(source: Input) -> None:
    """End what reads this tab's files in a way, or in a number, that is no longer wanted."""
    for each in running.own(KIND):
        if source.batch and each.about.key[0][0] == source.batch:
            transfers.forget(each)


def _followed(transfer: Transfer) -> Rehearsal | None:
    state = transfer.state
    if state.phase is Phase.READ:
        if state.message:
            st.error(literal(state.message), icon=":material/error:")
        return Rehearsal(state.result, transfer)
    follow(transfer, "Read it again")
    return None


def follow(transfer: Transfer, again: str) -> None:
    """Show how far an import is, or how it ended where it brought nothing."""
    state = transfer.state
    if not state.phase.final:
        running.follow(transfer, LEAVE)
        return
    if state.message:
        st.error(literal(state.message), icon=":material/error:")
    else:
        st.info("It was cancelled, and nothing came in.", icon=":material/info:")
    st.button(again, icon=":material/refresh:", on_click=_begin_anew, args=(transfer,))


def _begin_anew(transfer: Transfer) -> None:
    transfers.forget(transfer)
    st.session_state.pop(NEAR, None)


def look_for_near() -> None:
    """Let what is shown now be read again, with a look for near-duplicates, in the background."""
    st.session_state[NEAR] = st.session_state.get(ASKED)


def carry_out(found: Rehearsal, target: Target) -> Arrived | None:
    """Import what was read; None where that goes on in the background. Raises WhetstoneError."""
    if found.transfer is not None:
        found.transfer.go_on(target, Phase.LOADING)
        return None
    if found.onto is None:
        intake = documents.bring_in(database(), target, found.plan.stage)
        return Arrived(found.plan.documents, intake)
    outcome = putting.put(database(), found.plan, found.onto).outcome or Outcome()
    return Arrived(outcome.changed, Intake(found.onto.project, 0), outcome.action)


def loading() -> Transfer | None:
    """Return an import that adds documents now, or has ended with them."""
    phases = (Phase.LOADING, Phase.DONE)
    return next((each for each in running.own(KIND) if each.state.phase in phases), None)


def arrived(transfer: Transfer) -> Arrived | None:
    """Return what a background import brought, once; its files are deleted then."""
    if transfer.state.phase is not Phase.DONE:
        return None
    transfers.forget(transfer)
    uploads.discard(transfer.about.key[0][0])
    return transfer.state.result
