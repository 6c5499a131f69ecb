"""Whether a model's folder may be opened at all: nothing in it may run code or ask a network.

transformers sets every key of a ``config.json`` as an attribute of the configuration. Keys of
its own bookkeeping have made it fetch code from the hub with ``trust_remote_code`` off
(CVE-2026-4372: ``_attn_implementation_internal``), so only the plain names that models' own
settings have are let in, and of those none that names code. Weights are safetensors and nothing
else: what a pickle holds is a program (CVE-2025-32434).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from storage.errors import ModelError

INDEX = "model.safetensors.index.json"
ADAPTER = "adapter_config.json"
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".dill")
# Files whose keys transformers acts upon.
SETTINGS = (
    *("config.json", "tokenizer_config.json", "generation_config.json", "processor_config.json"),
    *("preprocessor_config.json", "special_tokens_map.json", "quantize_config.json"),
)
# What saved models have though it begins with an underscore: notes, which nothing acts upon.
NOTES = ("_name_or_path", "_commit_hash", "_num_labels", "_attn_implementation_autoset")
# Plain names all the same, which name code, or a place to fetch it from.
NAMES_CODE = (
    *("auto_map", "trust_remote_code", "custom_pipelines", "custom_generate", "code_revision"),
    *("kernel_config", "use_kernels", "quantization_config", "attn_implementation"),
    *("experts_implementation", "dispatch_implementation", "transformers_weights"),
)
# Keys below these are data: labels, pieces of words.
DATA = (
    *("id2label", "label2id", "added_tokens_decoder", "task_specific_params"),
    *("extra_special_tokens", "model_specific_special_tokens"),
)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_LARGEST = 50_000_000


def check(folder: Path) -> None:
    """Raise ModelError, in one sentence, where opening a folder's model could run code."""
    for name in SETTINGS:
        path = folder / name
        if path.is_file():
            _check_keys(path)
    if (folder / ADAPTER).exists():
        raise ModelError(
            f"The folder {folder} holds an adapter ({ADAPTER}), whose model would be fetched from "
            f"elsewhere: merge the two and save the whole model (merge_and_unload of PEFT)."
        )
    _check_index(folder)


def check_pickles(folder: Path) -> None:
    """Raise ModelError where files that can run code lie beside a folder's weights."""
    found = sorted(path.name for path in folder.rglob("*") if path.suffix.lower() in PICKLES)
    if found:
        more = f" and {len(found) - 1} more" if found[1:] else ""
        raise ModelError(
            f"The folder {folder} holds {found[0]!a}{more}: files of this kind can run code when "
            f"they are opened, and only safetensors are ever loaded. Take them out of the folder."
        )


def _check_keys(path: Path) -> None:
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"it is larger than {_LARGEST // 1_000_000} MB")
        known = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        said = (str(problem).splitlines() or [""])[0].rstrip(".")
        raise ModelError(
            f"{path} cannot be read ({said}); choose a folder saved by transformers."
        ) from problem
    for key in _keys(known):
        if key in NAMES_CODE or not (key in NOTES or _PLAIN.fullmatch(key)):
            raise ModelError(
                f"{path} sets {key[:80]!a}, by which a model can bring its own code: such models "
                f"are not loaded. Choose another model, or take that line out if you trust it."
            )


def _keys(known: Any) -> Iterator[str]:
    waiting = [known]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value
            waiting += [each for key, each in value.items() if key not in DATA]
        elif isinstance(value, list):
            waiting += value


def _check_index(folder: Path) -> None:
    """Let an index name safetensors that lie in the folder itself, and nothing else."""
    path = folder / INDEX
    if not path.is_file():
        return
    try:
        names = set(json.loads(path.read_bytes())["weight_map"].values())
        odd = sorted(name for name in names if not _is_own(folder, name))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as problem:
        raise ModelError(f"{path} is no list of weights; fetch the model again.") from problem
    if odd:
        raise ModelError(
            f"{path} names {odd[0][:80]!a}, which is no safetensors file of this folder; fetch "
            f"the model again."
        )


def _is_own(folder: Path, name: str) -> bool:
    plain = name == Path(name).name and "\\" not in name and name.endswith(".safetensors")
    return plain and (folder / name).is_file()
