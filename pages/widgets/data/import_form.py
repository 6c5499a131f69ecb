"""Import: choose files or paste text, see what would come in, confirm."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import streamlit as st

from engine import tasks
from engine.formats import Shape
from engine.transfers.imports import Arrived
from engine.transfers.putting import Onto
from pages.widgets.common import address, kinds, label_changes, running
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import open_project
from pages.widgets.common.words import count
from pages.widgets.data import import_options, import_preview, rehearsal, whole_project
from pages.widgets.data.rehearsal import Input, Rehearsal
from pages.widgets.uploading import zone
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.store import database
from storage.errors import WhetstoneError
from storage.transfers.uploads import uploads
from storage.types import Project, Split
from storage.words import Words

SPLITS: dict[Split | None, str] = {
    None: "Split: by name",
    **{split: f"Split: {split}" for split in Split},
}
FILE, PASTED = "Files", "Pasted text"
# Also what the address calls it: a door on Home opens this page for its kind of label.
NEW_TASK = "task"
LOOKED_FOR = ("What do you look for?", "PER, ORG, LOC")
PASTED_HERE = (
    (lambda shape: shape.second, "question\tanswer\tlabel\nWhere is my parcel?\tTrack it.\tmatch"),
    (lambda shape: shape.whole, "The parcel came two weeks late.\nThank you, all is well again!"),
    (lambda _: True, "Mara Lindqvist opened a Swedish harbour in Gothenburg for Acme."),
)
MOST_PASTED = 1_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """Where it goes: a project, or a new one of this name."""

    project: Project | None
    name: str
    task: str

    @property
    def shape(self) -> Shape:
        """What its documents hold, as far as files are concerned."""
        return Shape.of(tasks.get(self.task))

    @property
    def words(self) -> Words:
        """What people call the things of its task."""
        return tasks.get(self.task).words


def show(project: Project | None) -> None:
    """Show where the data comes from and, once it is there, what would come in."""
    _say_what_came_in(project)
    if _loads():
        return
    if project is None:
        address.take(tasks.known(), NEW_TASK)
    top = st.container(horizontal=True, gap="small", vertical_alignment="center")
    with top:
        is_pasted = address.choice("From", [FILE, PASTED], "from") == PASTED
    source = _pasted(_shape(project)) if is_pasted else _files()
    if archive := whole_project.of(source):
        whole_project.show(source, archive)
        return
    with top:
        target = _target(project, source)
        onto = _onto(project)
        format_name = _choice("Format", import_options.known_formats(target.shape))
        split = None if onto else _choice("Split", SPLITS)
        if not is_pasted:
            import_options.ask_for_encoding()
    if onto:
        st.caption(
            "Only labels come in, for the documents of the project that "
            f"{import_options.MEANT[onto.by]}. They replace what you labelled there, under your "
            "name, as one step that can be taken back."
        )
    if source.is_coming:
        st.caption("What would come in is shown once the files are here.")
        return
    if not source.uploads:
        rehearsal.end_others(source)
        known = [title for name, title in _titles(target.shape) if name != "auto"]
        st.caption(
            f"{', '.join(known)}; in UTF-8 or another encoding. Nothing is imported before you "
            "have seen what would come in and confirmed it."
        )
        return
    try:
        found = rehearsal.show(source, project, _given(target, format_name, split), onto)
        if found is None:
            return
        _try_out(found, _destination(source, target))
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    import_options.ask(found.plan)
    _offer(found, source, target)
    import_preview.show(found.plan, project, target.words)
    if source.batch and not onto:
        import_preview.show_near(found.plan, rehearsal.look_for_near)


def _loads() -> bool:
    """Show how far an import is that goes on in the background; say once what it brought."""
    transfer = rehearsal.loading()
    if transfer is None:
        return False
    arrived = rehearsal.arrived(transfer)
    if arrived is not None:
        _remember(arrived)
    running.follow(transfer, rehearsal.LEAVE)
    return True


def _titles(shape: Shape) -> list[tuple[str, str]]:
    return list(import_options.known_formats(shape).items())


def _choice(title: str, options: dict):
    return st.selectbox(
        title,
        list(options),
        format_func=options.__getitem__,
        width=import_options.IN_ROW,
        label_visibility="collapsed",
    )


def _files() -> Input:
    dropped = zone.show(_turn())
    return rehearsal.of_files(dropped.files, dropped.batch, dropped.is_busy)


def _shape(project: Project | None) -> Shape:
    """Return what documents hold where it all will go, as far as it is chosen by now."""
    task = project.task if project else st.session_state[NEW_TASK]
    return Shape.of(tasks.get(task))


def _pasted(shape: Shape) -> Input:
    text = st.text_area(
        "Text",
        key=f"pasted-{_turn()}",
        height=170,
        max_chars=MOST_PASTED,
        placeholder=next(text for fits, text in PASTED_HERE if fits(shape)),
        help="Plain text, a text a line; a pasted table or JSONL file is recognised, too.",
    )
    title, example = ("Labels", "praise, complaint") if shape.whole else LOOKED_FOR
    names = st.text_input(title, placeholder=example, help="Labels, with commas between.")
    labels = tuple(dict.fromkeys(filter(None, (name.strip() for name in names.split(",")))))
    data = text.encode("utf-8", "replace")
    return Input(((PASTED, data),) if text.strip() else (), labels, (hash(data),), True)


def _turn() -> int:
    """Return how many imports there were: each begins with empty fields."""
    return st.session_state.get("imports", 0)


def _target(project: Project | None, source: Input) -> Target:
    if project is not None:
        return Target(project, project.name, project.task)
    task = address.keep(tasks.known(), NEW_TASK, kinds.choose(NEW_TASK, compact=True))
    suggested = _free_name(source)
    typed = st.text_input(
        "Name of the new project",
        max_chars=100,
        # What is suggested changes with the files; with a key what was typed stays.
        key="new-project",
        placeholder=f"Project: {suggested}" if suggested else "Name of the new project",
        label_visibility="collapsed",
        width=210,
    )
    return Target(None, typed.strip() or suggested, task)


def _onto(project: Project | None) -> Onto | None:
    """Return whose documents the labels are for; None where all comes in as new documents."""
    if project is None or not documents.newest_id(database(), project.id):
        return None
    by = import_options.ask_where(_turn())
    return Onto(project.id, settings.annotator(database()), by) if by else None


def _free_name(source: Input) -> str:
    """Suggest a name for the new project: that of the first file."""
    if not source.uploads:
        return ""
    first = source.uploads[0]
    stem = PurePath(str(first[0])).stem if isinstance(first, tuple) else ""
    stem = "My texts" if source.is_pasted else stem
    stem = "".join(each for each in stem if each.isprintable())[:80].strip() or "My texts"
    taken = {project.name for project in projects.list_projects(database())}
    names = (f"{stem} {number}" if number > 1 else stem for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _given(target: Target, format_name: str, split: str | None) -> dict[str, Any]:
    """Return what was chosen, as `engine.corpus.importing.plan` takes it."""
    return {
        "task": target.task,
        "format": format_name,
        "split": split,
        "skip_bad": st.session_state.get("skip_bad", False),
        "allow_duplicates": st.session_state.get("allow_duplicates", False),
        "options": import_options.given(target.shape),
        "negatives": import_options.wanted_negatives(target.shape),
    }


def _try_out(found: Rehearsal, destination: documents.Target) -> None:
    """Raise what the import would raise; one in the background says it when it is tried."""
    if found.transfer is None and found.onto is None and found.plan.documents:
        documents.rehearse(database(), destination, found.plan.stage)


def _offer(found: Rehearsal, source: Input, target: Target) -> None:
    """Say how much would come in, with the button that lets it in beside it."""
    plan, noun = found.plan, import_preview.noun(found.plan, target.words)
    many, title, verb = plan.documents, "What would come in", "Import"
    if plan.outcome:
        many, title, verb = plan.outcome.changed, "What would change", "Label"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, width="stretch", anchor=False)
        clicked = st.button(
            f"{verb} {count(many, noun)}",
            type="primary",
            icon=":material/download_done:",
            disabled=plan.refused or not many,
        )
    if not clicked:
        return
    try:
        with st.spinner("Importing"):
            arrived = rehearsal.carry_out(found, _destination(source, target))
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    if arrived is None:
        st.rerun()
    _finish(arrived, source, found)


def _destination(source: Input, target: Target) -> documents.Target:
    project = target.project.id if target.project else None
    return documents.Target(project, target.name, settings.annotator(database()), source.labels)


def _finish(arrived: Arrived, source: Input, found: Rehearsal) -> None:
    """Say on the next run what came in; a pasted text is for tagging at once."""
    rehearsal.forget()
    uploads.discard(source.batch)
    if source.is_pasted and found.onto is None:
        open_project(arrived.intake.project)
        st.session_state["imports"] = _turn() + 1
        st.switch_page("tag.py")
    _remember(arrived)


def _remember(arrived: Arrived) -> None:
    """Open the project, begin with empty fields, and say on the next run what came in."""
    open_project(arrived.intake.project)
    st.session_state["imports"] = _turn() + 1
    st.session_state["imported"] = arrived
    st.rerun()


def _say_what_came_in(project: Project | None) -> None:
    """After the rerun: what was imported, and where to go now."""
    if "imported" not in st.session_state:
        return
    arrived: Arrived = st.session_state.pop("imported")
    if arrived.action:
        label_changes.say_of(project, arrived.action)
    else:
        moved = arrived.intake.dev
        dev = f" {moved:,} of them became the dev split, to choose the best epoch by."
        said = f"{count(arrived.documents, 'document')} imported.{dev if moved else ''}"
        st.success(said, icon=":material/check_circle:")
    with st.container(horizontal=True):
        st.page_link("tag.py", label="Tag them", icon=":material/ink_highlighter:")
        st.page_link("train.py", label="Train on them", icon=":material/model_training:")
        if arrived.action:
            st.page_link(
                "data.py",
                label="Take it back",
                icon=":material/undo:",
                query_params={"section": "Labels"},
            )
