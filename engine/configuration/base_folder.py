"""Whether a folder holds a base model that can be trained, told without torch or transformers.

transformers makes up what a folder lacks: a tokenizer of five pieces, weights at random. Such a
training runs to its end and has learned nothing, so a folder is refused before it starts.
``models`` asks once more of the model that was loaded.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import struct
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from engine.configuration import folder_safety, tokenizer_growth
from engine.system.failures import is_failure
from storage.errors import ModelError

CONFIG = "config.json"
# What a tokenizer can be made of.
VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model", "*.tiktoken")
WIDTHS = ("hidden_size", "dim", "d_model", "embedding_size")
DEPTHS = ("num_hidden_layers", "n_layers")
# These kinds say all three in their config.json; others have names of their own for them.
PLAIN = frozenset(
    ("bert", "roberta", "xlm-roberta", "camembert", "distilbert", "electra", "deberta")
    + ("deberta-v2", "modernbert")
)
# The table of a model's pieces, as BERT's kind and ModernBERT name it.
_TABLES = ("word_embeddings.weight", "tok_embeddings.weight")
_LARGEST_HEADER = 100_000_000


def check(folder: Path) -> None:
    """Raise ModelError with what is wrong where the folder's model cannot be trained."""
    config = read_config(folder)
    folder_safety.check(folder)
    _check_kind(folder, config)
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelError(
            f"The {config['model_type']} model in {folder} has no safetensors weights, and others "
            f"are never loaded; convert it with save_pretrained."
        )
    tensors = {name: form for path in weights for name, form in _header(path).items()}
    _check_sizes(folder, config, tensors)
    _check_tokenizer(folder, config)


def read_config(folder: Path) -> dict[str, Any]:
    """Return a model's ``config.json``; raise ModelError where it is none."""
    path = folder / CONFIG
    if not path.is_file():
        raise ModelError(f"The folder {folder} holds no config.json; choose a model's folder.")
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as problem:
        raise ModelError(
            f"{path} cannot be read ({_first_line(problem)}); choose a folder saved by "
            f"transformers."
        ) from problem
    if not isinstance(found, dict) or not isinstance(found.get("model_type"), str):
        raise ModelError(
            f"{path} does not name a model_type; choose a folder saved by transformers."
        )
    return found


def size(config: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    """Return the first of these that a configuration holds as a count; None where it has none."""
    known = (config.get(name) for name in names)
    return next((n for n in known if isinstance(n, int) and n > 0 and n is not True), None)


def _check_kind(folder: Path, config: Mapping[str, Any]) -> None:
    kind, known = config["model_type"], _kinds()
    if known and kind not in known:
        raise ModelError(
            f"The model in {folder} is of the kind {kind!r}, which cannot label words; choose "
            f"another one, like bert, roberta or deberta-v2."
        )


@cache
def _kinds() -> frozenset[str]:
    """Return the kinds of models that transformers has a head for words for; none if unknown.

    Read from its source, because importing it takes seconds and much memory.
    """
    found = importlib.util.find_spec("transformers")
    if found is None or not found.submodule_search_locations:
        return frozenset()
    source = Path(next(iter(found.submodule_search_locations))) / "models/auto/modeling_auto.py"
    if not source.is_file():
        return frozenset()
    for line in ast.parse(source.read_text(encoding="utf-8")).body:
        match line:
            case ast.Assign(
                targets=[ast.Name(id="MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES")],
                value=ast.Call(args=[ast.List() as pairs]),
            ):
                return frozenset(kind for kind, _ in ast.literal_eval(pairs))
    return frozenset()


def _header(path: Path) -> dict[str, list[int]]:
    """Return the shapes of a file's tensors; raise ModelError where it was cut off or is none."""
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > _LARGEST_HEADER:
                raise ValueError(f"its header says that it is {length:,} bytes long")
            if length > path.stat().st_size:
                raise ValueError("it was cut off")
            found = json.loads(file.read(length))
        found.pop("__metadata__", None)
        places = sorted(tensor["data_offsets"] for tensor in found.values())
        if 8 + length + (places[-1][1] if places else 0) != path.stat().st_size:
            raise ValueError("it was cut off")
        if any(first[1] != second[0] for first, second in pairwise([[0, 0], *places])):
            raise ValueError("its tensors overlap, or leave a hole")
        return {name: tensor["shape"] for name, tensor in found.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error) as problem:
        raise ModelError(
            f"The weights {path} are damaged ({_first_line(problem)}); fetch the model again."
        ) from problem


def _check_sizes(folder: Path, config: Mapping[str, Any], tensors: Mapping[str, list]) -> None:
    table = next((form for name, form in tensors.items() if name.endswith(_TABLES)), None)
    if table is None:
        return
    for names in (("vocab_size",), WIDTHS, DEPTHS):
        if config["model_type"] in PLAIN and size(config, names) is None:
            raise ModelError(
                f"{folder / CONFIG} does not say the model's {names[0]}; choose a folder saved by "
                f"transformers."
            )
    pieces, widths = size(config, ("vocab_size",)), [config[n] for n in WIDTHS if n in config]
    if len(table) != 2 or (pieces or table[0]) != table[0] or (widths and table[1] not in widths):
        said = " × ".join(map(str, [pieces, *widths]))
        raise ModelError(
            f"{folder / CONFIG} and the weights beside it are of different models: it says "
            f"{said} numbers for the pieces of words, and the weights have "
            f"{' × '.join(map(str, table))}. Fetch the model again."
        )


def _check_tokenizer(folder: Path, config: Mapping[str, Any]) -> None:
    if not any(path for name in VOCABULARIES for path in folder.glob(name)):
        raise ModelError(
            f"The model in {folder} has no tokenizer: there is neither a tokenizer.json nor a "
            f"vocabulary. Save it again with its tokenizer."
        )
    path = folder / "tokenizer.json"
    if path.is_file():
        stat = path.stat()
        pieces = _largest_piece(path, stat.st_mtime_ns, stat.st_size) + 1
        check_pieces(folder, pieces, size(config, ("vocab_size",)))


def check_pieces(folder: Path, pieces: int, vocabulary: int | None) -> None:
    """Raise ModelError where a tokenizer has no pieces, or more than its model knows."""
    if pieces <= 0:
        raise ModelError(
            f"The tokenizer in {folder} knows no pieces of words; save the model again with its "
            f"tokenizer."
        )
    if vocabulary is not None and pieces > vocabulary:
        raise ModelError(
            f"The tokenizer in {folder} has {pieces:,} pieces, and the model knows "
            f"{vocabulary:,}: it is another model's. Save the model again with its own tokenizer."
        )


def largest_piece(tokenizer: Tokenizer) -> int:
    """Return the largest id of a piece of words; -1 where there are only special ones."""
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    known = tokenizer.get_vocab(with_added_tokens=False)
    return max((id for piece, id in known.items() if piece not in special), default=-1)


@lru_cache(maxsize=8)
def _largest_piece(path: Path, _changed: int, _size: int) -> int:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except BaseException as problem:
        # The library raises nothing narrower.
        if not is_failure(problem):
            raise
        raise ModelError(
            f"{path} cannot be read ({_first_line(problem)}); save the model again with its "
            f"tokenizer."
        ) from problem
    tokenizer_growth.check(tokenizer, path.parent)
    return largest_piece(tokenizer)


def _first_line(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0].rstrip(".")
