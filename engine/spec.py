"""What a run is asked to do: the contents of ``spec.json``. Standard library only."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from storage.errors import InputError
from storage.types import Task

VERSION = 1
FILE = "spec.json"
DEVICES = ("auto", "cpu", "cuda")

# Measured with the bundled encoder (384 wide) on 200 sentences of CrossNER politics and 250 of
# WNUT-17; on politics, dev entity F1 after six epochs: 3e-4 gives 0.56, 6e-4 0.60,
# 1e-3 0.54. The rates of wider encoders are those their papers recommend.
NARROW = 400
NARROW_RATE, LARGE_NARROW_RATE = 5e-4, 3e-4
WIDE_RATES = ((800, 5e-5), (1 << 20, 2e-5))
# Showing 50,000 words takes about a minute on two cores that do nothing else.
WORDS_SHOWN = 50_000
FEWEST_EPOCHS, MOST_EPOCHS = 3, 30
LARGE = 1_500
# Few words make an uncertain step and leave the cores waiting; many make few steps.
BATCH_WORDS, LARGE_BATCH_WORDS = 250, 400
BATCHES = (4, 8, 16, 32)
FEWEST_STEPS = 12


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. Every field is checked when it is made; ``suggest`` chooses good values."""

    epochs: int = 10
    """Passes over the training documents."""
    learning_rate: float = 3e-4
    """Peak of the schedule: linear warm-up, then linear decay to zero."""
    batch_size: int = 16
    """Windows (most often whole sentences) in an optimizer step."""
    seed: int = 13
    """Fixes the new head's weights, the dropout and the order of the batches."""
    device: str = "auto"
    """auto, cpu or cuda."""
    max_length: int = 128
    """Word-pieces in a window, special ones included; longer documents get several windows."""
    stride: int = 32
    """Word-pieces that neighbouring windows share."""
    warmup: float = 0.1
    """Share of the steps in which the learning rate rises."""
    weight_decay: float = 0.01
    clip: float = 1.0
    """Largest norm of the gradient; 0 switches clipping off."""
    threads: int = 0
    """CPU threads; 0 takes every core this process may use. Another count gives other bits."""
    patience: int = 0
    """Stop after this many epochs without a better dev F1; 0 never stops early."""
    limit: int | None = None
    """Train on a seeded sample of this many training documents; None takes all."""

    def __post_init__(self) -> None:
        for name, low, high in _WHOLE:
            _check_whole(name, getattr(self, name), low, high)
        for name, low, high in _REAL:
            _check_real(name, getattr(self, name), low, high)
        if self.limit is not None:
            _check_whole("limit", self.limit, 1, 10**9)
        if self.device not in DEVICES:
            raise InputError(f"The device {self.device!r} is unknown; choose auto, cpu or cuda.")
        if self.stride * 2 > self.max_length:
            raise InputError(
                f"The stride of {self.stride} is too large for windows of {self.max_length}; "
                f"choose at most {self.max_length // 2}."
            )


_WHOLE = (
    ("epochs", 1, 1000),
    ("batch_size", 1, 4096),
    ("seed", 0, 2**32 - 1),
    ("max_length", 8, 8192),
    ("stride", 0, 4096),
    ("threads", 0, 1024),
    ("patience", 0, 1000),
)
_REAL = (
    ("learning_rate", 1e-8, 1.0),
    ("warmup", 0.0, 1.0),
    ("weight_decay", 0.0, 1.0),
    ("clip", 0.0, 1e6),
)


def _title(name: str) -> str:
    return name.replace("_", " ")


def _check_whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(
            f"The setting {_title(name)!r} is {value!r}; "
            f"choose a whole number from {low} to {high}."
        )


def _check_real(name: str, value: object, low: float, high: float) -> None:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not low <= value <= high:
        raise InputError(
            f"The setting {_title(name)!r} is {value!r}; choose a number from {low} to {high}."
        )


@dataclass(frozen=True, slots=True)
class RunSpec:
    """A whole run: whose data, which base model, which settings. Labels are kept sorted."""

    run: int
    project_id: int
    project_name: str
    labels: tuple[str, ...]
    base: str = "bundled"
    settings: Settings = field(default_factory=Settings)
    task: Task = Task.SPANS
    allow_overlaps: bool = False
    attempt: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(sorted(set(self.labels))))
        if not self.labels:
            raise InputError(
                f"The project {self.project_name!r} has no labels; add one on the Tag page first."
            )
        if self.task != Task.SPANS:
            raise InputError(f"Training for {self.task.value} is not available; choose spans.")


def to_json(spec: RunSpec) -> dict:
    """Return the JSON object of ``spec.json``."""
    return {
        "version": VERSION,
        "run": spec.run,
        "attempt": spec.attempt,
        "project": {"id": spec.project_id, "name": spec.project_name},
        "task": spec.task.value,
        "labels": list(spec.labels),
        "allow_overlaps": spec.allow_overlaps,
        "base": spec.base,
        "settings": asdict(spec.settings),
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
            task=Task(data["task"]),
            labels=tuple(data["labels"]),
            allow_overlaps=data["allow_overlaps"],
            base=data["base"],
            settings=settings_from(data["settings"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise InputError(
            f"The run's spec.json is broken ({problem!r}); start the run again."
        ) from problem


def settings_from(values: Mapping, base: Settings | None = None) -> Settings:
    """Lay given values over ``base`` (defaults where absent); refuse unknown names."""
    known = {item.name for item in fields(Settings)}
    for name in values:
        if name not in known:
            raise InputError(f"The setting {name!r} is unknown; choose from {sorted(known)}.")
    return replace(base or Settings(), **values)


def write(folder: Path, spec: RunSpec) -> None:
    """Write ``spec.json`` whole or not at all."""
    target = Path(folder) / FILE
    draft = target.with_suffix(".json.tmp")
    draft.write_text(json.dumps(to_json(spec), indent=1, ensure_ascii=False), encoding="utf-8")
    os.replace(draft, target)


def read(folder: Path) -> RunSpec:
    """Read ``spec.json``; raise InputError where it is missing or broken."""
    path = Path(folder) / FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as problem:
        raise InputError(f"{path} is not there; name a run's folder.") from problem
    except ValueError as problem:
        raise InputError(f"{path} is not JSON ({problem}); start the run again.") from problem
    return from_json(data)


def cores() -> int:
    """Count the CPU cores that this process may use, by affinity and by container quota."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota = Path("/sys/fs/cgroup/cpu.max")
    if quota.is_file():
        limit, period = quota.read_text().split()
        if limit != "max":
            allowed = min(allowed, max(1, int(limit) // int(period)))
    return allowed or 1


def suggest(documents: int, words: int, device: str = "auto", width: int = NARROW) -> Settings:
    """Choose settings from the number of training documents and of words in them.

    ``width`` is the base model's hidden size (``bases.width``): wide models need small steps.
    """
    epochs = min(MOST_EPOCHS, max(FEWEST_EPOCHS, round(WORDS_SHOWN / max(words, 1))))
    large = documents > LARGE
    narrow = LARGE_NARROW_RATE if large else NARROW_RATE
    rate = next(rate for limit, rate in ((NARROW, narrow), *WIDE_RATES) if width <= limit)
    mean = max(words, 1) / max(documents, 1)
    wanted = min((LARGE_BATCH_WORDS if large else BATCH_WORDS) / mean, documents / FEWEST_STEPS)
    wanted = max(wanted, BATCHES[0])
    batch = min(BATCHES, key=lambda size: abs(math.log(size / wanted)))
    return Settings(epochs=epochs, learning_rate=rate, batch_size=batch, device=device)
