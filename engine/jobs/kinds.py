"""The kinds of run: what each is for, what is called for it, and what shows its results.

The one place that tells kinds apart: queue, worker, results, commands and pages ask here. Who
brings a new kind writes a job and registers what follows from it. Standard library only: what is
called is named, and imported where it is called: a job, with its heavy libraries, by the worker.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath
from typing import Any

from engine.jobs.kind import Kind, Opening
from storage.errors import InputError
from storage.types import Run, RunKind

FOLDS, ROUNDS = "folds", "rounds"
"""Into how many parts train is dealt, and how often, each time differently."""
TRIALS = "trials"
"""How many trainings a search may make: an option of its own beside the settings."""
PARALLEL = "parallel"
"""How many of them run side by side, under Ray Tune; one or none: they follow each other."""
RAY, WORKERS = "ray", "workers"
"""The Ray cluster that reads, by its address, and with how many workers."""
REPEATS = "repeats"
"""How often a learning curve is measured, train being dealt into parts anew each time."""
NAME, FINGERPRINT = "catalogue", "fingerprint"
"""What a catalogue's file is called, and what its items hash to."""

ZERO_SHOT = "zero_shot"
"""Which model knows no examples, where it is, and what a run of it may spend."""
MONITOR, WATCHED = "monitor", "watched"
"""Which monitor a reading is for, and what that watches."""


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind of run known, under a name that no other has."""
    if kind.name in _KINDS:
        raise ValueError(f"There are two kinds of run named '{kind.name}'.")
    _KINDS[kind.name] = kind


def get(name: str) -> Kind:
    """Return what is known of a kind of run; raise InputError where nothing is."""
    if name not in _KINDS:
        raise InputError(
            f"This Whetstone knows no run of the kind {name!r}: open it with the version that "
            "made it."
        )
    return _KINDS[name]


def with_models() -> list[str]:
    """Return the names of those that end with a model and its report."""
    return [kind.name for kind in _KINDS.values() if kind.leaves_model]


def of(run: Run) -> Kind:
    """Return what follows from the kind of a run; of one that is unknown, what can be seen.

    A newer version may have made it: it is shown, and keeps no other run from its turn.
    """
    return _KINDS.get(run.kind) or Kind(
        run.kind,
        job="",
        numbered=run.number is not None,
        purpose=lambda run: run.kind,
        doing="is at work",
        without_report="has no report that this version can read",
    )


def load(place: str) -> Callable[..., Any]:
    """Import what a kind names as ``module:function``."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _trials(run: Run) -> str:
    count = int(run.settings.get(TRIALS) or 0)
    return f"search, {count:,} {'trial' if count == 1 else 'trials'}"


def _zero_shot(run: Run) -> str:
    told = run.settings.get(ZERO_SHOT) or {}
    return f"zero-shot: {told.get('name') or PurePath(told.get('folder', '')).name}"


def _suspects(run: Run) -> dict[str, str]:
    return {"view": "Suspects"}


def _catalogue(run: Run) -> dict[str, str]:
    return {"catalogue": str(run.id)}


register(
    Kind(
        RunKind.TRAINING,
        "engine.jobs.training:run",
        leaves_model=True,
        stores="engine.runner.results:store_model",
        again="engine.inspection.expectation:again",
    )
)
register(
    Kind(
        RunKind.SEARCH,
        "engine.jobs.search:run",
        options=(TRIALS, PARALLEL),
        purpose=_trials,
        badge="Search",
        icon="manage_search",
        doing="is searching",
        without_report="is a search, with trials and no report",
    )
)
register(
    Kind(
        RunKind.SUGGESTIONS,
        "engine.jobs.suggestions:run",
        options=(RAY, WORKERS),
        numbered=False,
        background=True,
        reads_all=True,
        stores="engine.runner.results:store_suggestions",
        again="engine.runner.queue:suggest_again",
        opens=Opening("tag.py", "Tag with these suggestions", "edit_note"),
        purpose=lambda run: "suggestions",
        badge="Suggestions",
        icon="visibility",
        doing="reads the documents",
        loading="Loading the model",
        without_report="made suggestions and has no report",
    )
)
register(
    Kind(
        RunKind.ZERO_SHOT,
        "engine.jobs.zero_shot:run",
        options=(ZERO_SHOT,),
        numbered=False,
        background=True,
        reads_open=True,
        stops_early=False,
        prepares="engine.runner.zero_shot.passes:prepare",
        stores="engine.runner.zero_shot.passes:store",
        again="engine.runner.zero_shot.passes:again",
        opens=Opening("tag.py", "Tag with these suggestions", "edit_note"),
        purpose=_zero_shot,
        badge="Zero-shot",
        icon="lightbulb",
        doing="asks a model that knows no examples",
        loading="Preparing the questions",
        without_report="made suggestions and has no report of a model",
    )
)
register(
    Kind(
        RunKind.LEARNING_CURVE,
        "engine.jobs.learning_curve:run",
        options=(REPEATS,),
        numbered=False,
        purpose=lambda run: "learning curve",
        badge="Learning curve",
        icon="trending_up",
        doing="draws a learning curve",
        member="training",
        kept="parts/*.json",
        opens=Opening("review.py", "See what more would bring", "trending_up"),
        without_report="is a learning curve: the Review page shows it",
    )
)
register(
    Kind(
        RunKind.INSPECTION,
        "engine.jobs.inspection:run",
        numbered=False,
        background=True,
        reads_model=True,
        stores="engine.runner.results:store_inspection",
        again="engine.runner.queue:inspect_again",
        purpose=lambda run: "inspection",
        badge="Inspection",
        icon="troubleshoot",
        doing="inspects a model",
        loading="Loading the model",
        without_report="looked at a model, and the report of that model shows what it found",
    )
)
register(
    Kind(
        RunKind.CROSS_VALIDATION,
        "engine.jobs.cross_validation:run",
        options=(FOLDS, ROUNDS),
        judged=False,
        stops_early=False,
        stores="engine.runner.results:store_suspects",
        opens=Opening("review.py", "Go through what it suspects", "rule", _suspects),
        purpose=lambda run: "label check",
        badge="Label check",
        icon="rule",
        doing="is checking the labels",
        member="model",
        without_report="checked the labels: what it suspects is on the Review page",
    )
)
register(
    Kind(
        RunKind.CATALOGUE,
        "engine.jobs.catalogue:run",
        options=(NAME, FINGERPRINT),
        numbered=False,
        reads_items=True,
        stops_early=False,
        again="engine.runner.catalogues:again",
        opens=Opening("match.py", "Ask this catalogue", "join_inner", _catalogue),
        purpose=lambda run: f"catalogue {run.settings.get(NAME, '')}".strip(),
        badge="Catalogue",
        icon="inventory_2",
        doing="reads a catalogue",
        kept="parts/*.npy",
        loading="Loading the encoder",
        without_report="is a catalogue: the Match page asks it",
    )
)
register(
    Kind(
        RunKind.MONITOR,
        "engine.jobs.monitoring:run",
        options=(MONITOR, WATCHED),
        numbered=False,
        background=True,
        reads_model=True,
        stops_early=False,
        prepares="engine.runner.monitors:prepare",
        stores="engine.runner.monitors:store",
        again="engine.runner.monitors:again",
        purpose=lambda run: "monitor",
        badge="Monitor",
        icon="monitoring",
        doing="reads new texts",
        loading="Loading the model",
        without_report="read new texts for a monitor: the Monitor page shows them",
    )
)
