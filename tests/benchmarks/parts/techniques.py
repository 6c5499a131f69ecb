"""What every technique of the training loop is worth: one at a time is switched off or changed.

Starts from a recipe's settings, and gives each variant a whole run in a process of its own on
the same data with the same seed. The settings as they are go first and last: how far these two
are apart is what chance and the machine's other work are worth.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, replace
from typing import Any
from unittest import mock

from engine.configuration.settings import Settings
from storage.types import Document
from tests.benchmarks.parts import measuring, sides

PLAIN, AGAIN, WHOLE = "the recipe", "the recipe again", "whole embedding learned"
SWITCHED = {
    "unsorted batches": "unsorted",
    "padded to the window's length": "padded",
    "AdamW not fused": "unfused",
    WHOLE: "whole",
    "CRF": "crf",
    "CRF, transitions allowed or not": "fixed crf",
    "every token's own best tag": "greedy",
    "the same after that CRF": "greedy crf",
    "neighbours, 32 pieces each side": "neighbours",
    "mean of the last three epochs": "averaged",
    "a layer's rate 0.8 of the one above": "layered",
}
ALTERNATIVES = {
    "frozen_layers": (0, 2, 3, 4),
    "empty_share": (1.0,),
    "warmup": (0.0,),
    "head_rate": (1.0, 10.0),
    "learning_rate": (5e-5,),
    "batch_size": (8, 16, 32),
    "class_weights": (0.5,),
    "label_smoothing": (0.1,),
    "dropout": (0.0,),
    "clip": (0.0,),
}


def variants(settings: Settings, lora: Settings) -> dict[str, tuple[Settings, str]]:
    """Return settings and switch of every variant; what the recipe does already is left out."""
    found = {name: (settings, switch) for name, switch in SWITCHED.items()}
    if settings.frozen_layers:
        del found[WHOLE]
        found["frozen layers computed each time"] = settings, "uncached"
    if settings.word_shapes:
        found["no word shapes"] = replace(settings, recipe="", word_shapes=""), ""
    for knob, values in ALTERNATIVES.items():
        for value in values:
            if value != getattr(settings, knob):
                change: dict[str, Any] = {knob: value}
                changed = replace(settings, recipe="", **change)
                found[f"{knob.replace('_', ' ')} {value:g}"] = changed, ""
    return {PLAIN: (settings, ""), **found, "LoRA": (lora, ""), AGAIN: (settings, "")}


@contextmanager
def unsorted_batches() -> Iterator[None]:
    """Shuffle windows into batches, whatever their lengths."""
    import numpy as np

    from engine.training import sampler

    def order(lengths, size: int, seed: int, epoch: int) -> list[list[int]]:
        shuffled = np.random.default_rng((seed, epoch)).permutation(len(lengths)).tolist()
        return [shuffled[start : start + size] for start in range(0, len(shuffled), size)]

    with mock.patch.object(sampler, "order", order):
        yield


@contextmanager
def padded_batches(length: int = 128) -> Iterator[None]:
    """Pad every batch in training to as many pieces as a window may have."""
    from torch.nn.functional import pad

    from engine.encoding.batches import Batch
    from engine.encoding.examples import IGNORED
    from engine.training import learner

    plain = learner.collate

    def collate(windows, padding: int) -> Batch:
        batch = plain(windows, padding)
        more = (0, max(0, length - batch.pieces.shape[1]))
        filled = zip(batch.tensors[:3], (padding, 0, IGNORED), strict=True)
        pieces, mask, targets = (pad(tensor, more, value=value) for tensor, value in filled)
        return replace(batch, pieces=pieces, mask=mask, targets=targets)

    with mock.patch.object(learner, "collate", collate):
        yield


@contextmanager
def unfused_adamw() -> Iterator[None]:
    """Step as AdamW does by itself: one operation after the other."""
    import torch

    class Unfused(torch.optim.AdamW):
        def __init__(self, *given, **named) -> None:
            super().__init__(*given, **{**named, "fused": False})

    with mock.patch.object(torch.optim, "AdamW", Unfused):
        yield


def whole_embedding() -> AbstractContextManager:
    """Let every row of the word embedding be a parameter, used or not."""
    from engine.training import loop

    return mock.patch.object(loop, "compacted", lambda *_: nullcontext())


def uncached_layers() -> AbstractContextManager:
    """Compute the frozen layers in every step anew."""
    from engine.training import learner

    def cache(model, windows, layers: int, *others) -> object:
        return plain(model, windows, 0, *others)

    plain = learner.Cache
    return mock.patch.object(learner, "Cache", cache)


SWITCHES: dict[str, Callable[[], AbstractContextManager]] = {
    "unsorted": unsorted_batches,
    "padded": padded_batches,
    "unfused": unfused_adamw,
    "whole": whole_embedding,
    "uncached": uncached_layers,
}


def change(switch: str) -> AbstractContextManager:
    """Return the context in which a run is changed so."""
    if switch in SWITCHES:
        return SWITCHES[switch]()
    # Where a run is, and not before: torch takes its threads from the environment.
    from tests.benchmarks.parts import additions

    return additions.SWITCHES[switch]()


def run(chosen: argparse.Namespace, job: dict, documents: list[Document]) -> dict:
    """Measure all variants, or those whose names hold one of the words given."""
    settings, lora = (
        sides.fit_settings(documents, chosen.base, chosen.recipe[0], peft) for peft in ("", "lora")
    )
    if chosen.epochs:
        settings, lora = (replace(some, epochs=chosen.epochs) for some in (settings, lora))
    rows, loads = {}, [os.getloadavg()[0]]
    for name, (changed, switch) in variants(settings, lora).items():
        wanted = name in (PLAIN, AGAIN) or not chosen.techniques
        if wanted or any(word in name for word in chosen.techniques):
            rows[name] = measure(job, changed, switch, chosen.seeds)
            loads.append(os.getloadavg()[0])
    return {"recipe": asdict(settings), "rows": rows, "load_average": loads}


def measure(job: dict, settings: Settings, switch: str, seeds: int) -> dict:
    """Run a variant with as many seeds; return the means."""
    runs = []
    for number in range(seeds):
        seeded = asdict(replace(settings, seed=settings.seed + number))
        asked = {"side": "ours", "settings": seeded, "switch": switch, "test": False}
        runs.append(measuring.ask("tests.benchmarks.parts.sides", job, **asked))
    return measuring.summarize(runs)[0]


def show(found: dict) -> None:
    """Print a row for each variant, beside the recipe as it is."""
    plain = found["rows"][PLAIN]
    titles = ("words/s", "×", "words/CPU s", "×", "peak MiB", "dev F1", "±")
    print(f"{'':<32}" + "".join(f"{title:>12}" for title in titles))
    for name, row in found["rows"].items():
        cells = [
            f"{row['words_per_second']:,.0f}",
            f"{row['words_per_second'] / plain['words_per_second']:.2f}",
            f"{row['words_per_cpu_second']:,.0f}",
            f"{row['words_per_cpu_second'] / plain['words_per_cpu_second']:.2f}",
            f"{row['peak_mib']:,.0f}",
            f"{row['dev']:.3f}",
            f"{row['dev'] - plain['dev']:+.3f}",
        ]
        print(f"{name:<32}" + "".join(f"{cell:>12}" for cell in cells))
