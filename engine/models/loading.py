"""Models: load a base with a fresh head, load a trained one, and choose a device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import ByteLevel
from transformers import AutoConfig, AutoTokenizer
from transformers.utils import logging

from engine import tasks
from engine.configuration import base_folder, folder_safety, tokenizer_growth
from engine.configuration.settings import KNOWN, LEARNED
from engine.encoding import shapes
from engine.encoding.word_pieces import Pieces, prepare
from engine.models import pooling, token_types
from engine.system.environment import ATTENTION
from engine.system.failures import is_failure
from engine.tasks.base import Head
from storage.errors import InputError, ModelError
from storage.types import Task

# Off: with it, SDPA has no fused kernel on CPU, and 200 sentences were learned no better
# (dev F1 0.60 with, 0.62 without). The dropout of the hidden states stays.
HIDDEN_DROPOUTS = (
    "hidden_dropout_prob",
    "classifier_dropout",
    "hidden_dropout",
    "dropout",
    "seq_classif_dropout",
    "mlp_dropout",
    "embedding_dropout",
)
SPANS = Task.SPANS.value
ATTENTION_DROPOUTS = ("attention_probs_dropout_prob", "attention_dropout")

NOTHING_FOREIGN = {"trust_remote_code": False, "local_files_only": True}

logging.disable_progress_bar()
logging.set_verbosity_error()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model with its tokenizer, as transformers' and as the engine's own, and its task's head."""

    model: torch.nn.Module
    tokenizer: Any
    pieces: Pieces
    padding: int
    head: Head
    word_shapes: str = ""
    """How it has words' shapes that were asked for: to be learned, or known (see Settings)."""

    @property
    def longest(self) -> int:
        """The longest window in pieces that the model has positions for."""
        return _positions(self.model)


def load_base(
    folder: Path,
    labels: Sequence[str],
    dropout: float | None = None,
    task: str = SPANS,
    word_shapes: str = "",
) -> Loaded:
    """Load a base model with a new head for the labels; torch's seed fixes the head.

    ``dropout`` replaces the hidden states' dropout that the base was made with. With
    ``word_shapes`` a model that has token types and reads no capitals is given words' shapes,
    where the task's head wants them; one that reads them already goes on doing so. Shapes that
    are to be known and did not come with the program are to be learned.
    """
    head = tasks.get(task).head()
    outputs = head.outputs(labels)
    names = {
        "id2label": dict(enumerate(outputs)),
        "label2id": {o: i for i, o in enumerate(outputs)},
        **head.config,
    }
    loaded = _load(folder, head, dropout, num_labels=len(outputs), **names)
    if head.averages:
        pooling.average(loaded.model)
    return _shaped(loaded, word_shapes) if word_shapes else loaded


def _shaped(loaded: Loaded, asked: str) -> Loaded:
    pieces = loaded.pieces
    if pieces.shapes:
        return replace(loaded, word_shapes=asked)
    blind = loaded.head.shapes and shapes.loses_case(pieces.tokenizer)
    if not (blind and token_types.widen(loaded.model)):
        return loaded
    known = asked == KNOWN and token_types.teach(loaded.model)
    pieces = replace(pieces, shapes=True)
    return replace(loaded, pieces=pieces, word_shapes=KNOWN if known else LEARNED)


def load_trained(folder: Path, task: str = SPANS) -> tuple[Loaded, list[str]]:
    """Load a trained model and the labels of its head, in their order."""
    head = tasks.get(task).head()
    loaded = _load(folder, head)
    names = [loaded.model.config.id2label[i] for i in range(loaded.model.config.num_labels)]
    labels = head.labels(names)
    if names != head.outputs(labels):
        raise ModelError(
            f"The head of the model in {folder} is not one for {task}; train it again."
        )
    return replace(loaded, head=head.taught(loaded.model.config.to_dict())), labels


def _load(folder: Path, head: Head, dropout: float | None = None, **settings: object) -> Loaded:
    # Before transformers sees it: also a trained model may have come with an archive.
    folder_safety.check(folder)
    try:
        config = AutoConfig.from_pretrained(folder, **NOTHING_FOREIGN, **settings)
        _set(config, ATTENTION_DROPOUTS, 0.0)
        if dropout is not None:
            _set(config, HIDDEN_DROPOUTS, dropout)
        model, told = head.auto_class.from_pretrained(
            folder,
            config=config,
            **NOTHING_FOREIGN,
            use_safetensors=True,
            dtype=torch.float32,
            attn_implementation=ATTENTION,
            ignore_mismatched_sizes="num_labels" in settings,
            output_loading_info=True,
        )
        tokenizer = AutoTokenizer.from_pretrained(folder, **NOTHING_FOREIGN)
    except BaseException as problem:
        if not is_failure(problem):
            raise
        # transformers fails in as many ways as a folder can be odd; the remedy is the same.
        first = (str(problem).strip() or type(problem).__name__).split("\n")[0]
        raise ModelError(
            f"The model in {folder} cannot be loaded ({first}); choose another base model."
        ) from problem
    backend = _rust(tokenizer, folder)
    tokenizer_growth.check(backend, folder)
    _check_whole(model, told, folder)
    known = model.get_input_embeddings().num_embeddings
    base_folder.check_pieces(folder, base_folder.largest_piece(backend) + 1, known)
    read = _reads_shapes(model, tokenizer, folder)
    pieces = replace(prepare(backend), shapes=read and head.shapes)
    return Loaded(model, tokenizer, pieces, model.config.pad_token_id or 0, head)


def _reads_shapes(model: torch.nn.Module, tokenizer: Any, folder: Path) -> bool:
    """Tell whether the tokenizer's settings say that token types are words' shapes.

    Raises ModelError where they mean other shapes, or the model has too few token types.
    """
    rule = tokenizer.init_kwargs.get(shapes.RULE)
    if rule is None:
        return False
    if rule != list(shapes.SHAPES) or model.config.to_dict().get("type_vocab_size") != len(rule):
        raise ModelError(
            f"The model in {folder} reads words' shapes in a way that this version does not know; "
            f"take a newer version of Whetstone, or train it again."
        )
    return True


def _check_whole(model: torch.nn.Module, told: Mapping[str, Any], folder: Path) -> None:
    """Raise ModelError where a part of the encoder was not in the weights, or has another size.

    transformers fills it with random numbers, and says so nowhere that a person looks.
    """
    mismatched = {key if isinstance(key, str) else key[0] for key in told["mismatched_keys"]}
    lacking = sorted(
        name
        for name in {*told["missing_keys"], *mismatched}
        if name.startswith(f"{model.base_model_prefix}.") and ".pooler." not in name
    )
    if lacking:
        raise ModelError(
            f"The weights in {folder} do not fit its config.json: {lacking[0]} and "
            f"{len(lacking) - 1} more are missing or have another size. Fetch the model again, "
            f"or choose another base model."
        )


def _set(config: object, names: Sequence[str], value: float) -> None:
    for name in names:
        if hasattr(config, name):
            setattr(config, name, value)


def _rust(tokenizer: Any, folder: Path) -> Tokenizer:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ModelError(
            f"The model in {folder} has no fast tokenizer; choose one with a tokenizer.json."
        )
    return backend


def _positions(model: torch.nn.Module) -> int:
    longest = getattr(model.config, "max_position_embeddings", None) or 1 << 30
    for name, module in model.named_modules():
        # RoBERTa's kind counts positions from its padding index + 1, and has that many fewer.
        if name.endswith("position_embeddings") and isinstance(module, torch.nn.Embedding):
            shift = 0 if module.padding_idx is None else module.padding_idx + 1
            longest = min(longest, module.num_embeddings - shift)
    return longest


def choose_device(wanted: str) -> torch.device:
    """Turn auto, cpu or cuda into a device; raise InputError where there is no GPU to use."""
    if wanted == "cuda" and not torch.cuda.is_available():
        raise InputError("There is no CUDA GPU here; choose the device auto or cpu.")
    use_cuda = wanted == "cuda" or (wanted == "auto" and torch.cuda.is_available())
    # cuDNN plans its attention anew for every shape of batch, for a quarter of a second each.
    torch.backends.cuda.enable_cudnn_sdp(False)
    return torch.device("cuda" if use_cuda else "cpu")


def name_device(device: torch.device) -> str:
    """Say in words what the run computes on."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU, {torch.get_num_threads()} threads"


def save(loaded: Loaded, folder: Path) -> None:
    """Write model and tokenizer so that transformers loads both by itself."""
    # Outside of Whetstone, too, the first word of a text is to look like any other.
    backend = loaded.tokenizer.backend_tokenizer
    if isinstance(backend.pre_tokenizer, ByteLevel):
        backend.pre_tokenizer = ByteLevel(
            add_prefix_space=True, use_regex=backend.pre_tokenizer.use_regex
        )
        loaded.tokenizer.init_kwargs["add_prefix_space"] = True
    # Beside the tokenizer, so that whoever loads the model knows what its token types mean.
    loaded.tokenizer.init_kwargs.pop(shapes.RULE, None)
    if loaded.pieces.shapes:
        loaded.tokenizer.init_kwargs[shapes.RULE] = list(shapes.SHAPES)
    loaded.model.config.update(dict(loaded.head.config))
    loaded.model.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)
