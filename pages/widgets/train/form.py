"""What a person chose in the form of the Train page: kept for each project, also over a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import streamlit as st

from engine.configuration import bases, recipes
from engine.configuration.settings import check_value
from engine.runner import models, owning
from engine.runs.files import MODEL
from storage.corpus import projects
from storage.corpus.projects import form_key, started_key
from storage.database import settings
from storage.database.store import database
from storage.errors import InputError, StorageError

BUNDLED, HUB, FOLDER = "bundled", "hub", "folder"


@dataclass(slots=True)
class Form:
    """The recipe by name, the base model, and the settings that differ from the recipe's."""

    recipe: str = recipes.DEFAULT
    kind: str = BUNDLED
    hub: str = ""
    folder: str = ""
    typed: dict[str, Any] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Return the base model as ``bases`` calls it; empty while none is named."""
        return {BUNDLED: bases.BUNDLED, HUB: self.hub, FOLDER: self.folder}[self.kind]

    @base.setter
    def base(self, name: str) -> None:
        if name == bases.BUNDLED:
            self.kind = BUNDLED
        elif bases.resolve(name).folder is None:
            self.kind, self.hub = HUB, name
        else:
            self.kind, self.folder = FOLDER, name


def of(project_id: int) -> Form:
    """Return a project's form, as it was left."""
    key = form_key(project_id)
    if key not in st.session_state:
        found = settings.get(database(), key)
        st.session_state[key] = _begun(project_id) if found is None else _read(found)
        st.session_state[_kept(key)] = asdict(st.session_state[key])
    return st.session_state[key]


def forget(project_id: int) -> None:
    """Let a form that nobody has changed be made anew: the project begins with something else."""
    st.session_state.pop(form_key(project_id), None)


@dataclass(frozen=True, slots=True)
class Began:
    """The newest model of the project with which one began: its folder, and the two names."""

    folder: str
    run: str
    project: str


def began(project_id: int) -> Began | None:
    """Return the model with which a project begins, where another one's is there to be loaded."""
    other = settings.get(database(), started_key(project_id))
    known = {each.id: each.name for each in projects.list_projects(database())}
    if other not in known:
        return None
    run = next(iter(models(database(), other, most=1)), None)
    folder = owning.folder_of(run) / MODEL if run else None
    if run is None or folder is None or bases.at_hand(str(folder)) is None:
        return None
    return Began(str(folder), run.title, known[other])


def _begun(project_id: int) -> Form:
    found = began(project_id)
    return Form(kind=FOLDER, folder=found.folder) if found else Form()


def keep(project_id: int) -> None:
    """Store what changed in a project's form."""
    key = form_key(project_id)
    now = asdict(st.session_state[key])
    if now == st.session_state[_kept(key)]:
        return
    st.session_state[_kept(key)] = now
    try:
        settings.put(database(), key, now)
    except StorageError:
        # A home that can only be read: then this session alone knows it.
        return


def _kept(key: str) -> str:
    return f"{key}-kept"


def _read(found: object) -> Form:
    """Return what was stored, without what this version does not know."""
    form = Form()
    if not isinstance(found, Mapping):
        return form
    names = {"recipe": recipes.RECIPES, "kind": (BUNDLED, HUB, FOLDER)}
    known = {name: found[name] for name, values in names.items() if found.get(name) in values}
    texts = {name: found[name] for name in ("hub", "folder") if isinstance(found.get(name), str)}
    typed = found.get("typed")
    good = {n: v for n, v in typed.items() if _fits(n, v)} if isinstance(typed, Mapping) else {}
    return replace(form, **known, **texts, typed=good)


def _fits(name: str, value: object) -> bool:
    try:
        check_value(name, value)
    except InputError:
        return False
    return True
