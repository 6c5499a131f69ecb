"""Options that the commands ``train`` and ``search`` share, and the settings they add up to."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from engine import tasks
from engine.commands.common.terminal import note
from engine.configuration import bases, recipes
from engine.configuration.settings import Settings, read_value
from engine.runner import UNSCORED, has_model, lacks, launching, newest_model, unscored
from storage.actions import setting_aside
from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from storage.errors import InputError, NotFoundError, RefusedError
from storage.journal import annotations
from storage.runs import runs
from storage.types import Project, Run, Split, Status


class Precision(StrEnum):
    """In what numbers a model computes."""

    FLOAT32 = "float32"
    INT8 = "int8"


Ray = Annotated[
    str,
    typer.Option(
        help='Let a Ray cluster read: "auto", HOST:PORT, or "local" for one begun here.',
        metavar="ADDRESS",
    ),
]
Workers = Annotated[int, typer.Option(min=1, max=1024, help="With --ray: how many read at a time.")]
Base = Annotated[str, typer.Option(help="bundled, a hub name or a folder.")]
RecipeName = Annotated[str, typer.Option("--recipe", help=", ".join(recipes.RECIPES) + ".")]
Seed = Annotated[int | None, typer.Option(help="Same seed, same result (on CPU).")]
Device = Annotated[str | None, typer.Option(help="auto, cpu or cuda.")]
Limit = Annotated[int | None, typer.Option(help="Train on a seeded sample.")]
Others = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any other setting; may be repeated."),
]
SetAside = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=40,
        metavar="PERCENT",
        help="First set so much of train aside, for each of dev and test that has nothing done.",
    ),
]


def find(db: Database, name: str) -> Project:
    """Return the project of this name; raise NotFoundError with what to do."""
    found = projects.find_project(db, name)
    if found is None:
        raise NotFoundError(f"There is no project {name!r}; import a file into it first.")
    return found


def model_of(db: Database, project: Project, number: int | None) -> Run:
    """Return the run whose model is asked: the one of that number, else the newest of a project.

    Raises:
        NotFoundError: there is no such run, it is of another project, or none has a model.
        RefusedError: the run has no model.
    """
    if number is None:
        return newest_model(db, project.id)
    run = runs.get_run(db, number)
    if run.project_id != project.id:
        raise NotFoundError(f"Run {number} is not of the project {project.name!r}.")
    if not has_model(run):
        raise RefusedError(f"{run.title} has no model: choose a training run that is done.")
    return run


def gather(named: Mapping[str, Any], others: Iterable[str] | None) -> dict[str, Any]:
    """Return the settings that were given, by an option of their own or by ``--set``."""
    given = {name: value for name, value in named.items() if value is not None}
    for text in others or ():
        name, sign, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not sign:
            raise InputError(f"--set {text!r} is no NAME=VALUE; write for example --set clip=0.5.")
        given[name] = read_value(name, value.strip())
    return given


def settle(
    db: Database, project_id: int, base: str, recipe: str, given: Mapping[str, Any]
) -> Settings:
    """Return the recipe's settings for this project and base model, with what was given."""
    done = annotations.current(db, project_id, split=Split.TRAIN, statuses=(Status.DONE,))
    data = recipes.Data.of(list(done), bases.shape(base), given.get("limit"))
    chosen = recipes.choose(recipe, data, peft=given.get("peft", ""))
    return recipes.adjust(chosen, {"launcher": launching.chosen(db), **given})


def set_aside(db: Database, project: Project, percent: int | None) -> None:
    """Set a part of train aside as asked; raise InputError where that is needed and not asked.

    Raises RefusedError where nothing is missing, or train has too few sentences.
    """
    if percent is not None:
        annotator = settings.annotator(db)
        action = setting_aside.set_aside(db, project.id, annotator, percent / 100)
        note(f"{action.title}. The Data page can take that back.")
    elif not lacks(db, project.id) and unscored(db, project.id):
        part = setting_aside.plan(db, project.id)
        raise InputError(f"{UNSCORED} --set-aside 10 takes {part.title}.")


def tell_left_out(db: Database, project: Project) -> None:
    """Say on standard error which labels of the project a training would not learn."""
    done = annotations.current(db, project.id, statuses=(Status.DONE,))
    names = [label.name for label in project.labels]
    for sentence in tasks.get(project.task).learnable(done, names).sentences:
        note(sentence)
