"""What a learner has learned, as a file: written whole or not at all, and safe to delete.

A file of another version, of another encoder or starting point, or one that is damaged, is none:
then everything is learned again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from engine.coach.learner import Learner
from engine.coach.regression.ridge import Sums
from storage import atomic, files

FORMAT = "2"
_GROUPS = "outside", "inside"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a learner is: the newest entry and document it has looked at, its revision.

    ``name`` is the entry's (see ``storage.coaching.work.Moment``).
    """

    entry: int = 0
    document: int = 0
    name: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Saved:
    """What a file says besides the learner.

    ``left`` are the ids of documents that are yet to be learned, or unlearned, though the learner
    has looked further.
    """

    standing: Standing = Standing()
    left: tuple[int, ...] = ()


def write(path: Path, learner: Learner, told: Saved, made_of: str) -> None:
    """Write a learner; ``made_of`` names all that another one must share to go on from it."""
    tensors: dict[str, torch.Tensor] = {}
    for name, group in zip(_GROUPS, learner.ridge.groups, strict=True):
        tensors |= {f"{name}.products": group.products, f"{name}.answers": group.answers}
        tensors[f"{name}.count"] = torch.tensor(group.count, dtype=torch.float64)
    shapes, flat = [], [np.zeros(0, np.int8)]
    for id, answers in learner.learned.items():
        shapes.append([id, *answers.shape])
        flat.append(answers.reshape(-1))
    tensors["learned"] = torch.from_numpy(np.concatenate(flat))
    tensors["shapes"] = torch.tensor(shapes, dtype=torch.int64).reshape(-1, 3)
    tensors["columns"] = torch.tensor(learner.columns, dtype=torch.int64)
    tensors["left"] = torch.tensor(told.left, dtype=torch.int64)
    standing = json.dumps(asdict(told.standing))
    about = {"format": FORMAT, "made_of": made_of, "standing": standing}
    # Somebody may have deleted all that is kept.
    files.make_folder(path.parent)
    draft = path.with_suffix(".draft")
    # Written from where they lie: a copy of all of it would be the most that a coach holds.
    save_file(tensors, draft, about)
    atomic.publish(draft, path)


def read(path: Path, learner: Learner, made_of: str) -> Saved | None:
    """Fill a new learner with what a file holds; None where it holds nothing that fits."""
    try:
        with safe_open(path, "pt") as file:
            told = file.metadata() or {}
            if told.get("format") != FORMAT or told.get("made_of") != made_of:
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            standing = Standing(**json.loads(told["standing"]))
            _fill(learner, tensors)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError):
        return None
    return Saved(standing, tuple(tensors["left"].tolist()))


def _fill(learner: Learner, tensors: dict[str, torch.Tensor]) -> None:
    groups = [
        Sums(
            tensors[f"{name}.products"],
            tensors[f"{name}.answers"],
            float(tensors[f"{name}.count"]),
        )
        for name in _GROUPS
    ]
    if any(group.products.shape != (learner.ridge.width,) * 2 for group in groups):
        raise ValueError("another width")
    flat, at, learned = tensors["learned"].numpy(), 0, {}
    for id, units, outputs in tensors["shapes"].tolist():
        learned[id] = flat[at : at + units * outputs].reshape(units, outputs)
        at += units * outputs
    # Nothing is changed before all was read.
    learner.ridge.outside, learner.ridge.inside = groups
    learner.columns, learner.learned = tensors["columns"].tolist(), learned
