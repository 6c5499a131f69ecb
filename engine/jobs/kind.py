"""What follows from the kind of a run, as a plain record: see ``kinds`` for which there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from storage.types import Run


def _recipe(run: Run) -> str:
    return str(run.settings.get("recipe") or "own settings")


def _nothing(run: Run) -> dict[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Opening:
    """A link from a finished run to the page that shows what it found."""

    page: str
    """A script in ``pages/``: "review.py"."""
    label: str
    icon: str
    """The name of a Material symbol."""
    query: Callable[[Run], Mapping[str, str]] = _nothing
    """What the page's address says besides."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What follows from the kind of a run; the defaults are those of a run that a person starts."""

    name: str
    job: str
    """``module:function``, called with folder, spec, watch and permit; returns a closing line."""
    options: tuple[str, ...] = ()
    """What is stored with the settings of such a run, and is none of a training's settings."""
    numbered: bool = True
    """It counts in its project, 1, 2, 3, and people write notes about it."""
    background: bool = False
    """Nobody waits for it: it makes way for the others, and begins again by itself."""
    reads_all: bool = False
    """It reads every document; else those that are done, in their splits, to learn from."""
    reads_model: bool = False
    """It reads what the run froze whose model it uses, and freezes nothing itself."""
    reads_items: bool = False
    """It reads a file that was loaded for it, and none of the project's documents."""
    reads_open: bool = False
    """It reads documents that are to do: what ``prepares`` it chooses them."""
    judged: bool = True
    """Its models are scored on dev and test; else it reads train alone, and needs no other."""
    stops_early: bool = True
    """Who has enough can stop it and keep the best that it has."""
    leaves_model: bool = False
    """It ends with a model and the report of what that model predicts."""
    prepares: str = ""
    """Likewise, called with database, run and folder: writes what else a worker needs there."""
    stores: str = "engine.runner.results:store_report"
    """Likewise, once the run is done: brings what lies in the folder into the database."""
    again: str = "engine.runner.queue:train_again"
    """Likewise, called with database and run: queues one like it, with what there is now."""
    opens: Opening | None = None
    """Where people use what it found."""
    purpose: Callable[[Run], str] = _recipe
    """A few words for a list of runs."""
    badge: str = ""
    icon: str = "model_training"
    """The name of a Material symbol."""
    doing: str = "is training"
    member: str = "seed"
    """What sets each of its trainings apart: "seed 2 of 3"."""
    kept: str = "checkpoints/*/MANIFEST.json"
    """What in its folder a later attempt goes on from."""
    loading: str = "Loading the base model"
    without_report: str = "has results and no report"
    """Said where somebody asks for one, after the run's title."""

    @property
    def learns(self) -> bool:
        """Whether it reads the documents that are done, to learn from them."""
        return not (self.reads_all or self.reads_model or self.reads_items or self.reads_open)
