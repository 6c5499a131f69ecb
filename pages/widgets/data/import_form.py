"""Import: choose files or paste text, see what would come in, confirm."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

import streamlit as st

from engine import tasks
from engine.corpus import importing
from engine.corpus.import_plan import ImportPlan
from engine.formats import Shape
from pages.widgets.common import address, kinds
from pages.widgets.common.errors import literal
from pages.widgets.common.sidebar import open_project
from pages.widgets.common.words import count
from pages.widgets.data import import_options, import_preview
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
class Input:
    """What is to come in: files or a pasted text, with names for labels that nothing has yet."""

    uploads: tuple[tuple[str, bytes], ...] = ()
    labels: tuple[str, ...] = ()
    key: tuple[object, ...] = ()
    """Tells this source from another one without comparing what is in it."""
    is_pasted: bool = False
    batch: str = ""
    """Where its files lie; "" of a pasted text."""


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
    _say_what_came_in()
    if project is None:
        address.take(tasks.known(), NEW_TASK)
    top = st.container(horizontal=True, gap="small", vertical_alignment="center")
    with top:
        is_pasted = address.choice("From", [FILE, PASTED], "from") == PASTED
    source = _pasted(_shape(project)) if is_pasted else _files()
    with top:
        target = _target(project, source)
        format_name = _choice("Format", import_options.known_formats(target.shape))
        split = _choice("Split", SPLITS)
    if not source.uploads:
        known = [title for name, title in _titles(target.shape) if name != "auto"]
        st.caption(
            f"{', '.join(known)}; in UTF-8. Nothing is imported before you have seen what would "
            "come in and confirmed it."
        )
        return
    try:
        plan = _rehearsed(source, target, format_name, split)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    import_options.ask(plan)
    _offer(plan, source, target)
    import_preview.show(plan, project, target.words)


def _titles(shape: Shape) -> list[tuple[str, str]]:
    return list(import_options.known_formats(shape).items())


def _choice(title: str, options: dict):
    return st.selectbox(
        title,
        list(options),
        format_func=options.__getitem__,
        width=import_options.NARROW,
        label_visibility="collapsed",
    )


def _files() -> Input:
    dropped = zone.show(_turn())
    found = tuple((each.name, each.path.read_bytes()) for each in dropped.files)
    numbers = tuple(each.number for each in dropped.files)
    return Input(found, key=(dropped.batch, *numbers), batch=dropped.batch)


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


def _free_name(source: Input) -> str:
    """Suggest a name for the new project: that of the first file."""
    if not source.uploads:
        return ""
    stem = "My texts" if source.is_pasted else PurePath(source.uploads[0][0]).stem
    stem = "".join(each for each in stem if each.isprintable())[:80].strip() or "My texts"
    taken = {project.name for project in projects.list_projects(database())}
    names = (f"{stem} {number}" if number > 1 else stem for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _rehearsed(source: Input, target: Target, format_name: str, split: str | None) -> ImportPlan:
    """Return the plan of an import that was carried out and taken back; once for each choice."""
    project = target.project
    given = {
        "format": format_name,
        "split": split,
        "skip_bad": st.session_state.get("skip_bad", False),
        "allow_duplicates": st.session_state.get("allow_duplicates", False),
        "options": import_options.given(target.shape),
        "negatives": import_options.wanted_negatives(target.shape),
    }
    newest = documents.newest_id(database(), project.id) if project else 0
    key = (source.key, source.labels, target, newest, repr(given))
    if st.session_state.get("rehearsal-key") != key:
        plan = importing.plan(
            source.uploads,
            known=documents.known_texts(database(), project.id) if project else None,
            allow_overlaps=project.allow_overlaps if project else True,
            task=target.task,
            **given,
        )
        if plan.documents:
            documents.rehearse(database(), _destination(source, target), plan.stage)
        st.session_state["rehearsal"], st.session_state["rehearsal-key"] = plan, key
    return st.session_state["rehearsal"]


def _offer(plan: ImportPlan, source: Input, target: Target) -> None:
    """Say how much would come in, with the button that lets it in beside it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("What would come in", width="stretch", anchor=False)
        clicked = st.button(
            f"Import {count(plan.documents, import_preview.noun(plan, target.words))}",
            type="primary",
            icon=":material/download_done:",
            disabled=plan.refused or not plan.documents,
        )
    if not clicked:
        return
    try:
        with st.spinner("Importing"):
            intake = documents.bring_in(database(), _destination(source, target), plan.stage)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        _finish(plan, intake, source)


def _destination(source: Input, target: Target) -> documents.Target:
    project = target.project.id if target.project else None
    return documents.Target(project, target.name, settings.annotator(database()), source.labels)


def _finish(plan: ImportPlan, intake: documents.Intake, source: Input) -> None:
    """Say on the next run what came in; a pasted text is for tagging at once."""
    st.session_state.pop("rehearsal-key", None)
    uploads.discard(source.batch)
    open_project(intake.project)
    st.session_state["imports"] = _turn() + 1
    if source.is_pasted:
        st.switch_page("tag.py")
    st.session_state["imported"] = (plan.documents, intake.dev)
    st.rerun()


def _say_what_came_in() -> None:
    """After the rerun: what was imported, and where to go now."""
    if "imported" not in st.session_state:
        return
    imported, moved = st.session_state.pop("imported")
    dev = f" {moved:,} of them became the dev split, to choose the best epoch by." if moved else ""
    st.success(f"{count(imported, 'document')} imported.{dev}", icon=":material/check_circle:")
    with st.container(horizontal=True):
        st.page_link("tag.py", label="Tag them", icon=":material/ink_highlighter:")
        st.page_link("train.py", label="Train on them", icon=":material/model_training:")
