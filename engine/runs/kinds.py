"""What a run is for, as its stored settings tell. Standard library only.

Most runs train a model. A search tries settings and leaves no model. A look lets the model of
a training run read every document, for suggestions and for what to tag next.
"""

from __future__ import annotations

from storage.types import Run

TRIALS, MODEL = "trials", "model_of"


def trials_of(run: Run) -> int:
    """Return how many trials a search may make; 0 for any other run."""
    return int(run.settings.get(TRIALS) or 0)


def model_of(run: Run) -> int:
    """Return the training run whose model a look lets read; 0 for any other run."""
    return int(run.settings.get(MODEL) or 0)


def is_search(run: Run) -> bool:
    """Tell a search for good settings, which has trials and no model."""
    return trials_of(run) > 0


def is_look(run: Run) -> bool:
    """Tell a look at all documents, which has suggestions and no model."""
    return model_of(run) > 0


def trains(run: Run) -> bool:
    """Tell a run that trains a model and has a report."""
    return not (is_search(run) or is_look(run))
