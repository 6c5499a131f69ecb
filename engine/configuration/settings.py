"""How to train: every knob of a run with its range. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any

from storage.errors import InputError

# Words with commas between; spaces around them do no harm.
_WORDS = re.compile(r"\s*|\s*[\w.-]{1,50}\s*(,\s*[\w.-]{1,50}\s*){0,19}")
LEARNED, KNOWN = "learned", "known"


def _whole(default: int | None, low: int, high: int) -> Any:
    return field(default=default, metadata={"kind": int, "low": low, "high": high})


def _real(default: float | None, low: float, high: float) -> Any:
    return field(default=default, metadata={"kind": float, "low": low, "high": high})


def _choice(default: str, *options: str) -> Any:
    return field(default=default, metadata={"kind": str, "options": options})


def _words() -> Any:
    return field(default="", metadata={"kind": str, "options": None})


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. Every field is checked when it is made; ``recipes`` choose good values."""

    recipe: str = _choice("", "", "classic", "quick", "balanced", "best")
    """The recipe that these settings were taken from; empty where a person chose them."""
    epochs: int = _whole(10, 0, 1000)
    """Passes over the training documents; 0 only fits the head, where it is fitted."""
    learning_rate: float = _real(3e-4, 1e-8, 1.0)
    """Peak of the schedule: linear warm-up, then linear decay to zero."""
    head_rate: float = _real(1.0, 1e-3, 1e3)
    """The new head's learning rate as a multiple of the encoder's."""
    word_shapes: str = _choice("", "", LEARNED, KNOWN)
    """Whether a model that reads no capitals is told of what shape words are, as token types:
    learned in this training, or as they came with the program, where they did for this base."""
    head: str = _choice("random", "random", "fitted")
    """How the head of a whole text begins: at random, or fitted to what the encoder says."""
    contrast: float = _real(0.0, 0.0, 1.0)
    """Share of the loss that draws whole texts with the same label together, others apart."""
    batch_size: int = _whole(16, 1, 4096)
    """Windows (most often whole sentences) in an optimizer step, over all processes."""
    accumulation: int = _whole(1, 1, 4096)
    """Parts that a batch is computed in, one after the other, to save memory."""
    seed: int = _whole(13, 0, 2**32 - 1)
    """Fixes the new head's weights, the dropout and the order of the batches."""
    seeds: int = _whole(1, 1, 100)
    """Trainings with as many seeds, counted up from ``seed``; the best on dev is kept."""
    device: str = _choice("auto", "auto", "cpu", "cuda")
    max_length: int = _whole(128, 8, 8192)
    """Word-pieces in a window, special ones included; longer documents get several windows."""
    stride: int = _whole(32, 0, 4096)
    """Word-pieces that neighbouring windows share."""
    warmup: float = _real(0.1, 0.0, 1.0)
    """Share of the steps in which the learning rate rises."""
    weight_decay: float = _real(0.01, 0.0, 1.0)
    clip: float = _real(1.0, 0.0, 1e6)
    """Largest norm of the gradient; 0 switches clipping off."""
    dropout: float | None = _real(None, 0.0, 0.9)
    """Dropout of the hidden states; None keeps what the base model was made with."""
    label_smoothing: float = _real(0.0, 0.0, 0.5)
    """Share of the probability that the loss spreads over all tags."""
    class_weights: float = _real(0.0, 0.0, 1.0)
    """Weight of rare tags in the loss: (their share) to the power of minus this; 0 is none."""
    empty_share: float = _real(1.0, 0.0, 1.0)
    """Share of the windows without any span that an epoch shows, another part each time."""
    frozen_layers: int = _whole(0, 0, 1000)
    """Lower layers, and the embeddings below them, that do not learn."""
    peft: str = _choice("", "", "lora", "adalora")
    """Learn small adapters instead of the whole encoder, and merge them in at the end."""
    peft_rank: int = _whole(16, 1, 1024)
    retriever_epochs: int = _whole(2, 0, 1000)
    """Passes over the pairs that fit, for the retriever that a task on two texts trains besides;
    0 trains none."""
    patience: int = _whole(0, 0, 1000)
    """Stop after this many epochs without a better dev F1; 0 never stops early."""
    limit: int | None = _whole(None, 1, 10**9)
    """Train on a seeded sample of this many training documents; None takes all."""
    threads: int = _whole(0, 0, 1024)
    """CPU threads; 0 takes every core this process may use. Another count gives other bits."""
    processes: int = _whole(1, 1, 1024)
    """Processes that share each batch."""
    launcher: str = _choice("local", "local", "ray")
    """Where the worker runs: on this machine, or on a Ray cluster."""
    tags: str = _words()
    """What the machine must have been given as tags, with commas between: where several machines
    serve one queue, those without leave the run to others."""
    memory: float = _real(0.0, 0.0, 1e6)
    """Memory in GB (10^9 bytes) that the machine must have besides what its other runs asked for;
    0 asks for none."""
    checkpoint_seconds: float = _real(30.0, 0.0, 1e6)
    """Training time between two checkpoints; 0 writes one after every step."""

    def __post_init__(self) -> None:
        for item in fields(self):
            _check(item.name, getattr(self, item.name), item.default, **item.metadata)
        if self.stride * 2 > self.max_length:
            raise InputError(
                f"The stride of {self.stride} is too large for windows of {self.max_length}; "
                f"choose at most {self.max_length // 2}."
            )
        if not self.epochs and self.head != "fitted":
            raise InputError(
                "Without a pass over the documents nothing is learned; choose at least 1 epoch, "
                "or a fitted head."
            )
        if self.peft and self.frozen_layers:
            raise InputError(
                "Adapters already leave the encoder as it is; choose them or frozen layers, "
                "not both."
            )
        if self.peft and self.word_shapes:
            raise InputError(
                "Adapters leave the encoder as it is, and word shapes are learned in it; choose "
                "one of them."
            )


def _title(name: str) -> str:
    return name.replace("_", " ")


def _check(
    name: str,
    value: Any,
    default: object,
    kind: type,
    low: float = 0,
    high: float = 0,
    options: tuple[str, ...] | None = (),
) -> None:
    if value is None and default is None:
        return
    if options is None:
        _check_words(name, value)
        return
    if kind is str:
        if value not in options:
            known = ", ".join(option or "none" for option in options)
            raise InputError(f"The {_title(name)} {value!r} is unknown; choose from {known}.")
        return
    allowed = int if kind is int else int | float
    good = isinstance(value, allowed) and not isinstance(value, bool)
    if not good or not low <= value <= high:
        number = "a whole number" if kind is int else "a number"
        raise InputError(
            f"The setting {_title(name)!r} is {value!r}; choose {number} from {low} to {high}."
        )


def _check_words(name: str, value: object) -> None:
    if not isinstance(value, str) or not _WORDS.fullmatch(value):
        raise InputError(
            f"The setting {_title(name)!r} is {value!r}; write words of letters and digits with "
            "commas between, like gpu,big."
        )


def settings_from(values: Mapping, base: Settings | None = None) -> Settings:
    """Lay given values over ``base`` (defaults where absent); refuse unknown names."""
    known = {item.name for item in fields(Settings)}
    for name in values:
        if name not in known:
            raise InputError(f"The setting {name!r} is unknown; choose from {sorted(known)}.")
    return replace(base or Settings(), **values)


def knobs() -> dict[str, Field]:
    """Return what a person may turn, by name: every field but the recipe's name."""
    return {item.name: item for item in fields(Settings) if item.name != "recipe"}


def check_value(name: str, value: object) -> None:
    """Raise InputError where there is no such setting, or it cannot have this value."""
    known = knobs()
    if name not in known:
        raise InputError(f"The setting {name!r} is unknown; choose from {sorted(known)}.")
    _check(name, value, known[name].default, **known[name].metadata)


def read_value(name: str, text: str) -> Any:
    """Read one setting as typed; an empty text or "none" is no value where there may be none.

    Raises:
        InputError: there is no such setting, or the text is no number where one is needed.
    """
    known = knobs()
    if name not in known:
        raise InputError(f"The setting {name!r} is unknown; choose from {sorted(known)}.")
    kind = known[name].metadata["kind"]
    if text.lower() in ("", "none") and (kind is str or known[name].default is None):
        return "" if kind is str else None
    try:
        return kind(text)
    except ValueError as problem:
        number = "a whole number" if kind is int else "a number"
        raise InputError(f"The setting {_title(name)!r} is {text!r}; give {number}.") from problem
