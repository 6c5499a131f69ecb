"""Which waiting run may start: one on the CPU, one on each GPU, any number on a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.jobs import kinds
from storage.errors import TrainingError
from storage.types import Run

CPU, GPU, CLUSTER = "cpu", "gpu", "cluster"


@dataclass(frozen=True, slots=True)
class Start:
    """A run that may start now, and the GPUs that are its own."""

    run: Run
    gpus: tuple[str, ...] = ()


def next_start(
    queued: Iterable[Run], active: Sequence[tuple[Run, Sequence[str]]], gpus: Sequence[str]
) -> Start | None:
    """Return the first waiting run whose turn it is; None where all must wait.

    ``active`` are the living runs with the GPUs that each holds. A run that waits for a
    place keeps it from those behind it, so that one that wants two GPUs gets its turn.
    What runs in the background comes after all that people wait for.
    """
    free = _free(active, gpus)
    taken = {CPU} & {place_of(run, gpus) for run, _ in active}
    for run in sorted(queued, key=is_background):
        place, count = place_of(run, gpus), processes_of(run)
        if place in taken:
            continue
        if place != GPU:
            return Start(run)
        if count <= len(free) or count > len(gpus):
            # One that wants more than there are is let through: its start says so.
            return Start(run, free[:count])
        taken.add(GPU)
    return None


def in_the_way(queued: Iterable[Run], active: Iterable[Run], gpus: Sequence[str]) -> list[Run]:
    """Return the runs in the background that hold a place for which people wait."""
    wanted = {place_of(run, gpus) for run in queued if not is_background(run)}
    return [run for run in active if is_background(run) and place_of(run, gpus) in wanted]


def is_background(run: Run) -> bool:
    """Tell a run that nobody waits for."""
    return kinds.of(run).background


def check(start: Start, gpus: Sequence[str]) -> None:
    """Raise TrainingError where a run wants more GPUs than this computer has."""
    wanted = processes_of(start.run)
    if place_of(start.run, gpus) == GPU and wanted > len(gpus):
        raise TrainingError(
            f"It asks for {wanted} processes with a GPU each, and this computer has {len(gpus)}; "
            "choose fewer processes, or the CPU."
        )


def place_of(run: Run, gpus: Sequence[str]) -> str:
    """Return what a run would occupy: the CPU, GPUs or a place on the cluster."""
    if run.settings.get("launcher", "local") != "local":
        return CLUSTER
    return GPU if gpus and run.settings.get("device", "auto") != "cpu" else CPU


def processes_of(run: Run) -> int:
    """Return how many processes a run wants."""
    return int(run.settings.get("processes", 1))


def _free(active: Sequence[tuple[Run, Sequence[str]]], gpus: Sequence[str]) -> tuple[str, ...]:
    held = {gpu for _, some in active for gpu in some}
    # A run on a GPU that nobody noted, from before there were notes, may be on any of them.
    if any(place_of(run, gpus) == GPU and not some for run, some in active):
        return ()
    return tuple(gpu for gpu in gpus if gpu not in held)
