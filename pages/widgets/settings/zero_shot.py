"""The zero-shot model on Settings: off, a folder or an endpoint, and what leaves this computer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import streamlit as st

from engine.runner.zero_shot import choice
from engine.zero_shot import keys
from engine.zero_shot.model import ENDPOINT, GLINER, KINDS, ZeroShotModel, address_of
from pages.widgets.common.errors import literal
from storage.database.store import database
from storage.errors import WhetstoneError

HERE = ":material/computer:"
# As a model whose server says how sure it is would look like one that knows.
UNSURE = (
    "An endpoint does not say how sure it is: its suggestions count as 50 %, below what “Accept "
    "all” takes. What does not stand in the text is dropped, and counted in the run's report."
)


class Limit(NamedTuple):
    """What one run may spend of something: the field of ``ZeroShotModel``, and how it is asked."""

    name: str
    title: str
    step: int = 1
    most: int | None = None
    about: str | None = None


LIMITS = (
    Limit("documents", "Documents a run", 100),
    Limit(
        *("requests", "Requests a run", 100),
        about="One for a document, more for long ones, and where a busy server is asked again.",
    ),
    Limit(
        *("tokens", "Tokens a run", 100_000),
        about="Read and written, as the server counts them, else about one for four bytes.",
    ),
    Limit(
        *("at_once", "At once", 1, 32),
        about="Requests that wait for an answer at the same time.",
    ),
)


def show() -> None:
    """Ask which model is meant, say where texts would go, try it and keep it."""
    known = choice.chosen(database())
    kind = st.radio(
        "Which model",
        list(KINDS),
        index=list(KINDS).index(known.kind),
        format_func=KINDS.__getitem__,
        horizontal=True,
        label_visibility="collapsed",
        key="zero-shot-kind",
    )
    asked, key = replace(known, kind=kind), None
    if kind == GLINER:
        asked = _folder(asked)
    if kind == ENDPOINT:
        asked, key = _endpoint(asked)
    _say_where(asked)
    if kind:
        asked = _budget(asked)
    with st.container(horizontal=True):
        if st.button("Save", key="save-zero-shot"):
            _save(asked, key)
        if kind == ENDPOINT and st.button(
            "Try it",
            icon=":material/network_check:",
            key="try-zero-shot",
            help="Sends one sentence of Whetstone's own, and none of yours.",
        ):
            _try(asked, key)


def _folder(asked: ZeroShotModel) -> ZeroShotModel:
    folder = st.text_input(
        "Folder",
        asked.folder,
        placeholder="/home/ada/models/gliner_small-v2.1",
        help="The folder of a GLiNER model on this computer, with gliner_config.json and "
        "model.safetensors. It finds words in texts, and has no labels for whole texts.",
        key="zero-shot-folder",
    )
    return replace(asked, folder=folder.strip())


def _endpoint(asked: ZeroShotModel) -> tuple[ZeroShotModel, str | None]:
    left, right = st.columns(2)
    url = left.text_input(
        "Address",
        asked.url,
        placeholder="http://127.0.0.1:11434/v1",
        help="Of any server that speaks OpenAI's protocol: Ollama, vLLM and llama.cpp on this "
        "computer, or a service. It often ends in /v1.",
        key="zero-shot-url",
    )
    name = right.text_input(
        "Model",
        asked.name,
        placeholder="llama3.1",
        help="As its server calls it.",
        key="zero-shot-name",
    )
    asked = replace(asked, url=address_of(url), name=name.strip())
    has_key = choice.has_key(asked)
    # In a row of its own: on a narrow screen it stands below the two above.
    left, right = st.columns(2, vertical_alignment="bottom")
    key = left.text_input(
        "API key",
        type="password",
        placeholder="kept" if has_key else "none",
        help="Kept in a file that only you may read, apart from database and backups, for this "
        f"server only. {keys.VARIABLE} in the environment comes before it.",
        key="zero-shot-secret",
    )
    forget = has_key and right.checkbox("Forget the key", key="zero-shot-forget")
    return asked, "" if forget else key.strip() or None


def _budget(asked: ZeroShotModel) -> ZeroShotModel:
    """Ask what one run may spend; of a folder only how many documents it reads."""
    limits = LIMITS[:1] if asked.kind == GLINER else LIMITS
    spent: dict[str, Any] = {}
    for limit, column in zip(limits, st.columns(len(LIMITS)), strict=False):
        spent[limit.name] = int(
            column.number_input(
                limit.title,
                1,
                limit.most,
                value=getattr(asked, limit.name),
                step=limit.step,
                help=limit.about,
                key=f"zero-shot-{limit.name.replace('_', '-')}",
            )
        )
    return replace(asked, **spent)


def _say_where(asked: ZeroShotModel) -> None:
    if asked.kind != ENDPOINT:
        words = (
            "It runs on this computer: nothing leaves it."
            if asked.kind
            else "Off: nothing is asked."
        )
        st.caption(f"{HERE} {words}")
        return
    if not asked.host:
        st.caption("Name an address, and it is said here what goes where.")
        return
    said = where(asked)
    if asked.leaves:
        st.warning(said, icon=":material/public:")
    else:
        st.caption(f"{HERE} {said}")
    st.caption(UNSURE)


def where(asked: ZeroShotModel) -> str:
    """Say what an endpoint gets and where it is, in Markdown."""
    host = f"**{literal(asked.host)}**"
    if not asked.leaves:
        return f"{host} is this computer: nothing leaves it, unless the server there sends it on."
    said = (
        f"To {host} go, each time somebody presses “Suggest” and never by itself: the texts of "
        "the documents that are asked about, the labels with what they mean, the guideline, and "
        "up to five labelled documents as examples."
    )
    if asked.is_plain:
        said += " **Without encryption**: everybody on the way can read them, and the key."
    return said


def _save(asked: ZeroShotModel, key: str | None) -> None:
    try:
        choice.choose(database(), asked, key)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.toast("Saved.", icon=":material/check:")


def _try(asked: ZeroShotModel, key: str | None) -> None:
    try:
        with st.spinner("It reads a sentence …"):
            said = choice.try_out(asked, key)
    except WhetstoneError as error:
        st.error(literal(str(error)), icon=":material/error:")
    else:
        st.success(literal(said), icon=":material/check:")
