"""What a run is asked to do: the contents of ``spec.json``. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engine import tasks
from engine.configuration.settings import Settings, settings_from
from engine.runs import files
from storage.errors import InputError, RunFolderError
from storage.types import RunKind, Task

VERSION = 1
FILE = "spec.json"


@dataclass(frozen=True, slots=True)
class RunSpec:
    """A whole run: whose data, which base model, which settings. Labels are kept sorted."""

    run: int
    project_id: int
    project_name: str
    labels: tuple[str, ...]
    """Those that the model learns: its classes (see ``Task.learnable``)."""
    base: str = "bundled"
    settings: Settings = field(default_factory=Settings)
    task: str = Task.SPANS
    allow_overlaps: bool = False
    attempt: int = 1
    kind: str = RunKind.TRAINING
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the kind of run asks for besides settings: the trials of a search."""
    model: str = ""
    """The folder of the run whose model this one uses; empty where it uses none."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """What bit-equal results need besides: filled in by the first attempt's worker."""
    database: str = ""
    """The identity of the database that the run is stored in; empty before version 0.4."""
    address: str = ""
    """Where that database is: a copy of it somewhere else has the same identity."""
    home: str = ""
    """Where the folders of all runs lay: a home that was copied has folders of its own."""
    folder: str = ""
    """What that database calls the folder. A name is given once, so it tells whose this is."""
    left_out: tuple[str, ...] = ()
    """The project's other labels, which the frozen documents of train have no example of."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(sorted(set(self.labels))))
        if not self.labels:
            raise InputError(
                f"The project {self.project_name!r} has no labels; add one on the Tag page first."
            )
        tasks.get(self.task)


def to_json(spec: RunSpec) -> dict:
    """Return the JSON object of ``spec.json``."""
    return {
        "version": VERSION,
        "run": spec.run,
        "attempt": spec.attempt,
        "project": {"id": spec.project_id, "name": spec.project_name},
        "task": str(spec.task),
        "labels": list(spec.labels),
        "allow_overlaps": spec.allow_overlaps,
        "base": spec.base,
        "settings": asdict(spec.settings),
        "kind": str(spec.kind),
        "options": dict(spec.options),
        "model": spec.model,
        "environment": dict(spec.environment),
        "database": spec.database,
        "address": spec.address,
        "home": spec.home,
        "folder": spec.folder,
        "left_out": list(spec.left_out),
    }


def from_json(data: Mapping) -> RunSpec:
    """Rebuild a specification; raise InputError for a newer or broken one."""
    if data.get("version") != VERSION:
        raise InputError(
            f"The run's spec.json has version {data.get('version')!r}, this Whetstone reads "
            f"{VERSION}; start the run again from the Train page."
        )
    try:
        return RunSpec(
            run=data["run"],
            attempt=data["attempt"],
            project_id=data["project"]["id"],
            project_name=data["project"]["name"],
            task=data.get("task", Task.SPANS),
            labels=tuple(data["labels"]),
            allow_overlaps=data["allow_overlaps"],
            base=data["base"],
            settings=settings_from(data["settings"]),
            kind=data.get("kind") or _kind_of_before(data),
            options=data.get("options", _options_of_before(data)),
            model=data.get("model", ""),
            environment=data.get("environment", {}),
            database=data.get("database", ""),
            address=data.get("address", ""),
            home=data.get("home", ""),
            folder=data.get("folder", ""),
            left_out=tuple(data.get("left_out", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise RunFolderError(
            f"The run's spec.json is broken ({problem!r}); start the run again."
        ) from problem


def _kind_of_before(data: Mapping) -> str:
    """Tell a kind of run as versions before 0.5 did: by what else the run is asked."""
    if data.get("model"):
        return RunKind.SUGGESTIONS
    return RunKind.SEARCH if data.get("trials") else RunKind.TRAINING


def _options_of_before(data: Mapping) -> dict[str, Any]:
    return {"trials": data["trials"]} if data.get("trials") else {}


def write(folder: Path, spec: RunSpec) -> None:
    """Write ``spec.json`` whole or not at all."""
    files.put(Path(folder) / FILE, json.dumps(to_json(spec), indent=1, ensure_ascii=False))


def read(folder: Path) -> RunSpec:
    """Read ``spec.json``; raise InputError where it is missing or broken."""
    return from_json(files.read_object(Path(folder) / FILE))


def read_attempt(folder: Path) -> int:
    """Read only whose turn it is: the number of the attempt that owns the folder."""
    path = Path(folder) / FILE
    with files.reading(path):
        return int(files.read_object(path)["attempt"])
