"""A GLiNER folder: words of a text that fit labels which the model has never seen as such.

The architecture that most published GLiNER models have (one encoder for labels and text, spans
scored by their two ends: Zaratiana et al. 2024) in torch, with the names of its weights, so that
the folder loads as it is. Its package is not needed, and it would hold transformers back. Only
safetensors are read, no code of the folder runs, and nothing is fetched. In workers only.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from transformers import AutoConfig, AutoModel, AutoTokenizer

from engine.configuration import folder_safety
from engine.models import loading
from engine.zero_shot import holding
from engine.zero_shot.asking import Said
from engine.zero_shot.prompts import Brief
from storage.errors import ModelError
from storage.types import Document, Label, Source, Span

CONFIG, WEIGHTS = "gliner_config.json", "model.safetensors"
# A span is suggested from this probability on, as GLiNER's own package does.
THRESHOLD = 0.5
# A description as short as this says what is meant better than "PER" does.
PHRASE = 40
# Windows of a text that are read at once.
BATCH = 8
ENCODERS = (
    *("deberta-v2", "bert", "roberta", "xlm-roberta", "distilbert", "electra", "modernbert"),
)
# What other variants have, and this architecture has in one way only.
USUAL: Mapping[str, tuple[Any, ...]] = {
    "span_mode": ("markerV0",),
    "subtoken_pooling": ("first", None),
    "words_splitter_type": ("whitespace", None),
    "post_fusion_schema": ("", None),
    **dict.fromkeys(("labels_encoder", "labels_decoder", "relations_layer"), (None, "")),
    **dict.fromkeys(("span_encoder_config", "fuse_layers"), (None, False)),
}
_WORD = re.compile(r"\w+(?:[-_]\w+)*|\S")
# What loading raises where files are not what they should be.
_PROBLEMS: tuple[type[Exception], ...] = (
    *(OSError, ValueError, KeyError, TypeError, RuntimeError, StopIteration),
    SafetensorError,
)
_PREFIX = "token_rep_layer.bert_layer.model."


def stream(
    folder: Path,
    brief: Brief,
    documents: Iterable[Document],
    device: str,
    pause: Callable[[], None],
) -> Iterator[Said]:
    """Yield what the model of a folder says of each document; ``pause`` is called before it.

    Raises ModelError where the folder holds none that can be loaded.
    """
    model = Gliner(folder, loading.choose_device(device))
    for document in documents:
        pause()
        found = model.find(document.text, brief.labels)
        kept = found if brief.overlaps else _surest(found)
        dropped = Counter({holding.OVERLAPPING: len(found) - len(kept)})
        yield Said(document, tuple(sorted(kept)), +dropped)


def _surest(found: Sequence[Span]) -> list[Span]:
    """Keep the surest of spans that overlap."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: -(span.score or 0)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return kept


class Gliner:
    """A loaded folder."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        folder_safety.check(folder)
        folder_safety.check_pickles(folder)
        told = _config(folder)
        try:
            weights = load_file(folder / WEIGHTS)
            self._network = Network(told, weights).to(device).eval()
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except _PROBLEMS as error:
            said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise ModelError(
                f"The GLiNER model in {folder} cannot be loaded ({said}): choose a folder saved "
                "by GLiNER's save_pretrained, with its tokenizer."
            ) from error
        self._device, self._told = device, told
        self._marker = told.get("ent_token", "<<ENT>>")
        self._separator = told.get("sep_token", "<<SEP>>")
        if not getattr(self._tokenizer, "is_fast", False):
            raise ModelError(f"The folder {folder} has no tokenizer.json: save it once more.")

    def find(self, text: str, labels: Sequence[Label]) -> list[Span]:
        """Return all spans that fit a label well enough, overlapping ones too."""
        words = [match.span() for match in _WORD.finditer(text)]
        long, most = int(self._told.get("max_len", 384)), int(self._told.get("max_types", 25))
        windows = [words[at : at + long] for at in range(0, len(words), long)]
        found: list[Span] = []
        for at in range(0, len(windows), BATCH):
            for first in range(0, len(labels), most):
                some = labels[first : first + most]
                found += self._find(text, windows[at : at + BATCH], some)
        return found

    @torch.inference_mode()
    def _find(
        self, text: str, windows: Sequence[Sequence[tuple[int, int]]], labels: Sequence[Label]
    ) -> Iterator[Span]:
        prompt = [part for label in labels for part in (self._marker, _phrase(label))]
        prompt.append(self._separator)
        asked = [[*prompt, *(text[a:b] for a, b in words)] for words in windows]
        read = self._tokenizer(
            asked,
            is_split_into_words=True,
            truncation=True,
            padding=True,
            return_tensors="pt",
        )
        firsts = [_firsts(read.word_ids(row), len(prompt)) for row in range(len(asked))]
        if any(len(places) < len(words) for places, words in zip(firsts, windows, strict=True)):
            # More pieces than the encoder takes: half of the words at a time.
            return self._in_parts(text, windows, labels)
        chances = self._network(
            read["input_ids"].to(self._device), read["attention_mask"].to(self._device), firsts
        )
        return (
            Span(words[start][0], words[start + width][1], labels[label].name, "", Source.MODEL, p)
            for words, count, rows in zip(windows, map(len, firsts), chances.cpu(), strict=True)
            for start, width, label, p in _sure(rows)
            if start + width < count
        )

    def _in_parts(
        self, text: str, windows: Sequence[Sequence[tuple[int, int]]], labels: Sequence[Label]
    ) -> Iterator[Span]:
        parts = windows
        if len(windows) == 1:
            half = len(windows[0]) // 2
            parts = [windows[0][:half], windows[0][half:]] if half else []
        for part in parts:
            yield from self._find(text, [part], labels)


def _phrase(label: Label) -> str:
    return label.description if 0 < len(label.description) <= PHRASE else label.name


def _firsts(words: Sequence[int | None], prompt: int) -> list[int]:
    """Return the place of the first piece of each word of the text; a truncated one has none."""
    found: dict[int, int] = {}
    for place, word in enumerate(words):
        if word is not None and word >= prompt:
            found.setdefault(word, place)
    return list(found.values())


def _sure(chances: Tensor) -> Iterator[tuple[int, int, int, float]]:
    for start, width, label in (chances > THRESHOLD).nonzero().tolist():
        yield start, width, label, float(chances[start, width, label])


def _config(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / CONFIG).read_bytes())
        different = [name for name, usual in USUAL.items() if told.get(name, usual[0]) not in usual]
        encoder = told.get("encoder_config") or {}
        kind = encoder.get("model_type")
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise ModelError(f"{folder / CONFIG} cannot be read: choose a GLiNER folder.") from error
    if not (folder / WEIGHTS).is_file():
        raise ModelError(
            f"The folder {folder} has no {WEIGHTS}, and no other weights are loaded: save the "
            "model with save_pretrained(…, safe_serialization=True) of GLiNER's package."
        )
    if different or kind not in ENCODERS:
        said = ", ".join(f"{name} {told.get(name)!r:.60}" for name in different)
        raise ModelError(
            f"The GLiNER model in {folder} is of a kind that is not known here "
            f"({said or f'encoder_config of model_type {kind!r:.60}'}): choose one with span_mode "
            "'markerV0' whose encoder_config is told, as gliner_small-v2.1 saved by GLiNER 0.2.13 "
            "or later."
        )
    return told


class Network(nn.Module):
    """GLiNER's network, with its names."""

    def __init__(self, told: Mapping[str, Any], weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        width = int(told.get("hidden_size", 512))
        self._widest, self._marker = int(told["max_width"]), int(told["class_token_index"])
        self._shift = 0 if told.get("embed_ent_token", True) else 1
        encoder = _encoder(told["encoder_config"], weights)
        self.token_rep_layer = nn.Module()
        self.token_rep_layer.bert_layer = nn.Module()
        self.token_rep_layer.bert_layer.model = encoder
        own = encoder.config.hidden_size
        self.token_rep_layer.projection = nn.Linear(own, width) if own != width else nn.Identity()
        layers = int(told.get("num_rnn_layers", 1))
        if layers > 0:
            self.rnn = nn.Module()
            half = width // 2
            self.rnn.lstm = nn.LSTM(width, half, layers, bidirectional=True, batch_first=True)
        ends = nn.Module()
        ends.project_start, ends.project_end = _projection(width), _projection(width)
        ends.out_project = _projection(2 * width, width)
        self.span_rep_layer = nn.Module()
        self.span_rep_layer.span_rep_layer = ends
        self.prompt_rep_layer = _projection(width)
        # Positions are counted, not learned: older folders hold them, too.
        self.load_state_dict({n: w for n, w in weights.items() if not n.endswith("position_ids")})

    def forward(self, ids: Tensor, attended: Tensor, firsts: Sequence[Sequence[int]]) -> Tensor:
        """Return the chances of spans: (texts, words, widths, labels).

        ``firsts`` are the places of each text's words in ``ids``. What lies behind a text's end
        says nothing.
        """
        read = self.token_rep_layer.bert_layer.model(ids, attention_mask=attended)
        pieces = self.token_rep_layer.projection(read.last_hidden_state)
        marked = (ids == self._marker).nonzero()
        prompts = pieces[marked[:, 0], marked[:, 1] + self._shift]
        prompts = self.prompt_rep_layer(prompts.view(len(ids), -1, pieces.shape[-1]))
        words = self._words(pieces, firsts)
        ends = self.span_rep_layer.span_rep_layer
        length, width = words.shape[1], self._widest
        last = torch.arange(length)[:, None] + torch.arange(width)[None]
        last = last.clamp(max=length - 1).to(words.device)
        begin = ends.project_start(words)[:, :, None].expand(-1, -1, width, -1)
        spans = torch.cat([begin, ends.project_end(words)[:, last]], dim=-1).relu()
        return torch.einsum("blkd,bcd->blkc", ends.out_project(spans), prompts).sigmoid()

    def _words(self, pieces: Tensor, firsts: Sequence[Sequence[int]]) -> Tensor:
        lengths = [max(1, len(places)) for places in firsts]
        words = pieces.new_zeros(len(firsts), max(lengths), pieces.shape[-1])
        for row, places in enumerate(firsts):
            words[row, : len(places)] = pieces[row, list(places)]
        if not hasattr(self, "rnn"):
            return words
        packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.rnn.lstm(packed)[0], batch_first=True)[0]


def _encoder(told: Mapping[str, Any], weights: Mapping[str, Tensor]) -> nn.Module:
    """Make the encoder that the weights are of, from plain settings and nothing that names code."""
    plain = {
        name: value
        for name, value in told.items()
        if not name.startswith("_") and name not in folder_safety.NAMES_CODE
    }
    names = ("word_embeddings.weight", "tok_embeddings.weight")
    rows = next(len(w) for name, w in weights.items() if name.endswith(names))
    # With the markers, which were added when it was trained.
    config = AutoConfig.for_model(plain.pop("model_type"), **{**plain, "vocab_size": rows})
    with_pooler = f"{_PREFIX}pooler.dense.weight" in weights
    kinds = {} if with_pooler or config.model_type in _NO_POOLER else {"add_pooling_layer": False}
    return AutoModel.from_config(config, **kinds)


_NO_POOLER = ("deberta-v2", "distilbert", "electra", "modernbert")


def _projection(width: int, out: int | None = None) -> nn.Sequential:
    out = out or width
    return nn.Sequential(
        nn.Linear(width, 4 * out), nn.ReLU(), nn.Dropout(0.0), nn.Linear(4 * out, out)
    )
