"""Every setting of a run as an input, made from what the setting says of itself."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import Field, dataclass
from typing import Any, cast

import streamlit as st

from engine.configuration.settings import Settings, knobs


@dataclass(frozen=True, slots=True)
class Knob:
    """What a person reads about one setting."""

    group: str
    title: str
    help: str
    empty: str | None = None
    """What no value means, where there may be none."""


# Of a title and of its input: together as wide as the form is at its narrowest.
TITLE, WIDTH = 132, 148
LEARNING, DATA, REGULARISATION = "Learning", "Data and windows", "Regularisation"
ADAPTERS, PLACE, SAFETY = "Adapters", "Where it runs", "Safety"
# What tells machines apart, where several share a database on a server.
OF_SEVERAL = frozenset({"tags", "memory"})
KNOBS = {
    "epochs": Knob(LEARNING, "Epochs", "Passes over the training documents."),
    "learning_rate": Knob(
        LEARNING,
        "Learning rate",
        "How large the steps are at their largest. Smaller for wider models: 0.00002 to 0.00005.",
    ),
    "batch_size": Knob(LEARNING, "Batch size", "Documents in a step, over all processes."),
    "head_rate": Knob(
        LEARNING, "Head's rate", "The new head's learning rate, as a multiple of the encoder's."
    ),
    "head": Knob(
        LEARNING,
        "Head",
        "What answers on top of the encoder begins at random, or fitted to what the encoder says "
        "of whole texts.",
    ),
    "contrast": Knob(
        LEARNING,
        "Contrast",
        "Share of the loss that draws texts with the same label together and others apart: with "
        "few examples a label, this teaches the most.",
    ),
    "warmup": Knob(LEARNING, "Warm-up", "Share of the steps in which the learning rate rises."),
    "patience": Knob(
        LEARNING, "Patience", "Stop after so many epochs that are no better on dev; 0: never."
    ),
    "retriever_epochs": Knob(
        LEARNING,
        "Retriever's epochs",
        "The retriever finds candidates among many texts and is trained besides: passes over the "
        "pairs that fit. 0 leaves it out.",
    ),
    "seed": Knob(LEARNING, "Seed", "Same data, settings and seed: same result, on a CPU."),
    "seeds": Knob(
        LEARNING,
        "Seeds",
        "Trainings with seeds counted up from this one; the best on dev is kept, and the report "
        "gives mean and deviation.",
    ),
    "limit": Knob(
        DATA, "Sample of documents", "Train on a seeded sample; empty: on all.", empty="all"
    ),
    "max_length": Knob(
        DATA, "Window", "Word-pieces in a window; longer documents get several windows."
    ),
    "stride": Knob(DATA, "Stride", "Word-pieces that neighbouring windows share."),
    "empty_share": Knob(
        DATA,
        "Share of empty documents",
        "Of the documents without a label, so large a part is shown an epoch, another one each "
        "time. Where most are empty, a quarter teaches as much in half the time.",
    ),
    "word_shapes": Knob(
        DATA,
        "Word shapes",
        "A base model that reads all letters as small ones is told besides which words are "
        "capitalised, all capitals, digits or mixed. What that says is learned in this training, "
        "or known beforehand, as for the bundled model, in less time.",
    ),
    "weight_decay": Knob(REGULARISATION, "Weight decay", "Pulls the weights towards zero."),
    "dropout": Knob(
        REGULARISATION,
        "Dropout",
        "Share of the hidden states that a step leaves out; empty: what the base model was made "
        "with.",
        empty="its own",
    ),
    "label_smoothing": Knob(
        REGULARISATION, "Label smoothing", "Share of the probability spread over all tags."
    ),
    "class_weights": Knob(
        REGULARISATION,
        "Weight of rare tags",
        "Rare tags count more: their share to the power of minus this; 0: all count the same.",
    ),
    "clip": Knob(REGULARISATION, "Clip", "Largest norm of the gradient; 0: no limit."),
    "frozen_layers": Knob(
        REGULARISATION, "Frozen layers", "Lower layers that do not learn, embeddings included."
    ),
    "peft": Knob(
        ADAPTERS,
        "Adapters",
        "Learn small matrices beside the encoder instead of the whole of it; they are merged in "
        "at the end.",
    ),
    "peft_rank": Knob(ADAPTERS, "Rank", "Width of the adapters."),
    "device": Knob(PLACE, "Device", "Automatic takes a GPU where there is one."),
    "launcher": Knob(PLACE, "Launcher", "This machine, or a Ray cluster."),
    "tags": Knob(
        PLACE,
        "Tags",
        "Only a machine with all these tags takes the run, like gpu,big. Settings lists machines.",
        empty="any machine",
    ),
    "memory": Knob(
        PLACE, "Memory (GB)", "Only a machine with so much memory takes the run; 0: any."
    ),
    "threads": Knob(PLACE, "Threads", "CPU threads; 0: every core that may be used."),
    "processes": Knob(PLACE, "Processes", "Processes that share each batch."),
    "accumulation": Knob(
        PLACE, "Parts of a batch", "Computed one after the other, to save memory; same result."
    ),
    "checkpoint_seconds": Knob(
        SAFETY, "Checkpoint every (seconds)", "What a crash can cost at most; 0: every step."
    ),
}
OPTIONS = {
    "": "None",
    "random": "At random",
    "fitted": "Fitted",
    "learned": "Learned",
    "known": "Known beforehand",
    "lora": "LoRA",
    "adalora": "AdaLoRA",
    "auto": "Automatic",
    "cpu": "CPU",
    "cuda": "GPU (CUDA)",
    "local": "This machine",
    "ray": "Ray cluster",
}


def show(
    suggested: Settings,
    typed: MutableMapping[str, Any],
    prefix: str,
    without: Collection[str] = (),
) -> None:
    """Show every setting as a row of its group: what was typed, else what is suggested.

    Keeps what is typed; nobody is asked for those that are ``without`` effect.
    """
    fields = knobs()
    for group in dict.fromkeys(knob.group for knob in KNOBS.values()):
        with st.container(gap="xsmall"):
            st.caption(f"**{group}**")
            for name in _names(group, without):
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(KNOBS[name].title, help=KNOBS[name].help, width=TITLE)
                    _input(fields[name], getattr(suggested, name), typed, f"{prefix}-{name}")


def _names(group: str, without: Collection[str]) -> list[str]:
    return [name for name, knob in KNOBS.items() if knob.group == group and name not in without]


def describe(changes: Mapping[str, Any]) -> str:
    """Name changed settings and their values, as the inputs show them."""
    return ", ".join(f"{KNOBS[name].title} {write(value)}" for name, value in changes.items())


def write(value: object) -> str:
    """Write a setting's value for people."""
    if value is None:
        return "–"
    return f"{value:g}" if isinstance(value, float) else OPTIONS.get(str(value), str(value))


def _input(field: Field, suggested: object, typed: MutableMapping[str, Any], key: str) -> None:
    """Show one setting. The page's memory leads: a widget's own is lost with its page."""
    wanted = typed.get(field.name, suggested)
    # Written only where it differs: writing would overtake what is being typed elsewhere.
    if st.session_state.get(key, ...) != wanted:
        st.session_state[key] = wanted
    knob, known = KNOBS[field.name], field.metadata
    common: dict[str, Any] = {
        "key": key,
        "label_visibility": "collapsed",
        "width": WIDTH,
        "on_change": _keep,
        "args": (field.name, suggested, typed, key),
    }
    if known["kind"] is str and known["options"] is None:
        st.text_input(knob.title, placeholder=knob.empty, max_chars=200, **common)
        return
    if known["kind"] is str:
        st.selectbox(knob.title, known["options"], format_func=OPTIONS.__getitem__, **common)
        return
    whole = known["kind"] is int
    st.number_input(
        knob.title,
        known["low"],
        known["high"],
        value=None if field.default is None else "min",
        step=1 if whole else _step(cast(float, field.default)),
        format="%d" if whole else "%.6g",
        placeholder=knob.empty,
        **common,
    )


def _keep(name: str, suggested: object, typed: MutableMapping[str, Any], key: str) -> None:
    """Remember a value that a person set; the suggested one again is no change."""
    value = st.session_state[key]
    if value == suggested:
        typed.pop(name, None)
    else:
        typed[name] = value


def _step(default: float | None) -> float:
    """Return a step of one in the second digit: 0.00001 for a rate of 0.0003."""
    return 10.0 ** (math.floor(math.log10(default)) - 1) if default else 0.01
