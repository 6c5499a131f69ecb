"""Tiny tokenizers and models of the three kinds, made on the spot; tiny labelled documents."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import BPE, Unigram, WordPiece
from transformers import (
    BertConfig,
    BertForMaskedLM,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForMaskedLM,
)

from storage.types import Document, Span, Split, Status

# Trained once on CORPUS: these two trainers choose among equals by chance, and what a random
# model predicts would then be another thing in every process.
VOCABULARIES = Path(__file__).with_name("vocabularies")
PEOPLE = ("Ada Lovelace", "Grace Hopper", "Alan Turing", "Emmy Noether", "Kurt Gödel")
PLACES = ("Paris", "New York", "Ulm", "São Paulo", "Rio de Janeiro")
FRAMES = (
    "{person} went to {place} yesterday .",
    "In {place} , {person} met nobody .",
    "Nothing happened at all today .",
    "{person} and {other} left {place} (early) .",
    "The weather in {place} was fine .",
)
CORPUS = [
    frame.format(person=p, other=o, place=q)
    for frame in FRAMES
    for p, o, q in zip(PEOPLE, PEOPLE[1:] + PEOPLE[:1], PLACES, strict=True)
]
CORPUS += ["漢字 と かな", "l'été d'Élise", "emoji 👩‍👩‍👧 here", "don't stop-me (now)"]


def document(text: str, *spans: tuple[int, int, str], **values: Any) -> Document:
    """Make a document whose tokens are what white space separates."""
    tokens, at = [], 0
    for word in text.split(" "):
        if word:
            tokens.append((at, at + len(word)))
        at += len(word) + 1
    return Document(text, tuple(tokens), tuple(Span(*span) for span in spans), **values)


def corpus(count: int, seed: int = 0, first_id: int = 1, split: Split = Split.TRAIN) -> list:
    """Make ``count`` sentences with people and places labelled."""
    choose, documents = random.Random(seed), []
    for number in range(count):
        person, other = choose.sample(PEOPLE, 2)
        filled = {"person": person, "other": other, "place": choose.choice(PLACES)}
        text, spans = choose.choice(FRAMES).format(**filled), []
        for role, words in filled.items():
            start = text.find(words)
            if start >= 0:
                label = "place" if role == "place" else "person"
                spans.append((start, start + len(words), label))
        documents.append(
            document(text, *sorted(spans), id=first_id + number, split=split, status=Status.DONE)
        )
    return documents


def wordpiece() -> Tokenizer:
    """A BERT-like tokenizer; like all-MiniLM's file it truncates and pads by itself."""
    pieces = (VOCABULARIES / "wordpiece.txt").read_text(encoding="utf-8").split("\n")[:-1]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.enable_truncation(12)
    tokenizer.enable_padding(length=12)
    return tokenizer


def bytelevel() -> Tokenizer:
    """A RoBERTa-like tokenizer without a prefix space, as its file comes."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return tokenizer


def unigram() -> Tokenizer:
    """An XLM-RoBERTa-like tokenizer, which marks the space before a word."""
    lines = (VOCABULARIES / "unigram.tsv").read_text(encoding="utf-8").split("\n")[:-1]
    pieces = [(piece, float(score)) for piece, score in (line.split("\t") for line in lines)]
    tokenizer = Tokenizer(Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return tokenizer


KINDS = {"wordpiece": wordpiece, "bytelevel": bytelevel, "unigram": unigram}


def save_base(folder: Path, kind: str = "wordpiece") -> Path:
    """Save a tiny random base model of the kind into ``folder``, as transformers would."""
    tokenizer = KINDS[kind]()
    size = {
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    }
    torch.manual_seed(0)
    if kind == "wordpiece":
        model = BertForMaskedLM(BertConfig(max_position_embeddings=64, pad_token_id=0, **size))
        names = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]"}
    else:
        config = RobertaConfig(max_position_embeddings=66, pad_token_id=1, **size)
        model = RobertaForMaskedLM(config)
        names = {"unk_token": "<unk>", "pad_token": "<pad>", "cls_token": "<s>"}
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    return folder
