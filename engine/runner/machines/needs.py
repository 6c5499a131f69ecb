"""What a run asks of a machine, and whether one has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.runner.machines import places
from storage.machines import identity
from storage.machines.machines import Machine
from storage.types import Run

GIGABYTE = 10**9


@dataclass(frozen=True, slots=True)
class Needs:
    """Tags and memory (bytes) that a person asked for, and GPUs that follow from the settings."""

    tags: frozenset[str] = frozenset()
    memory: int = 0
    gpus: int = 0

    def met_by(self, machine: Machine) -> bool:
        """Tell whether a machine has all of it."""
        enough = self.memory <= machine.memory and self.gpus <= len(machine.gpus)
        return enough and self.tags <= set(machine.tags)


def of(run: Run) -> Needs:
    """Return what a run asks for."""
    tags = identity.split(str(run.settings.get("tags") or ""))
    memory = int(float(run.settings.get("memory") or 0) * GIGABYTE)
    on_gpus = run.settings.get("device") == "cuda"
    return Needs(frozenset(tags), memory, places.processes_of(run) if on_gpus else 0)


def takes(own: Machine, others: Iterable[Machine], run: Run, at_work: Iterable[Run]) -> bool:
    """Tell whether a machine takes a run, beside those that it works on, or leaves it to others.

    Tags and memory that somebody asked for must be there. GPUs that no machine has are none to
    wait for: the start of the run says so.
    """
    asked = of(run)
    free = own.memory - sum(of(other).memory for other in at_work)
    if not asked.tags <= set(own.tags) or asked.memory > free:
        return False
    return asked.met_by(own) or not any(asked.met_by(other) for other in others)


def unmet(run: Run, machines: Iterable[Machine]) -> str:
    """Say in one sentence what no machine has that a run asks for; empty where one has it."""
    asked, there = replace(of(run), gpus=0), list(machines)
    # Where nobody serves at all, that is what is to be said.
    if asked == Needs() or not there or any(asked.met_by(machine) for machine in there):
        return ""
    wanted = [f"the tag {tag}" for tag in sorted(asked.tags)]
    wanted += [f"{asked.memory / GIGABYTE:g} GB of memory"] if asked.memory else []
    return (
        f"Waits for a machine with {' and '.join(wanted)}, and none is there: start one with "
        "python -m engine runner, or start the run again without asking for that."
    )
