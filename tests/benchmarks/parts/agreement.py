"""Whether our prediction and the ``transformers`` pipeline find the same.

For every word the best tag of its first piece and its probability are compared, for every
document the entities, put together in the pipeline's own way and as the pipeline gives them.
"""

from __future__ import annotations

import math
from pathlib import Path

from storage.types import Document


def cut(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in document.tokens]


def load_pipeline(job: dict):
    from transformers import pipeline
    from transformers.utils import logging

    logging.disable_progress_bar()
    folder, device = str(Path(job["run"]) / "model"), -1 if job["cpu"] else None
    return pipeline("token-classification", folder, aggregation_strategy="first", device=device)


def compare(job: dict, documents: list[Document]) -> dict:
    """Compare every word's best tag and every document's entities, outside of the timing."""
    tagger, words = load_pipeline(job), [cut(document) for document in documents]
    options = {"is_split_into_words": True, "batch_size": 16}
    pieces = tagger(words, aggregation_strategy="none", ignore_labels=[], **options)
    entities = tagger(words, **options)
    counts = dict.fromkeys(COUNTED, 0)
    ours = label_ours(job, documents)
    for given, found, spans, mine in zip(words, pieces, entities, ours, strict=True):
        places = locate(given)
        # The first of the pieces at a place, as a word of the pipeline's begins with it.
        by_start = {piece["start"]: piece for piece in reversed(found)}
        if mine["windows"] > 1:
            # The pipeline cuts nothing below the model's own limit: it saw another context.
            counts["long_words"] += len(given)
        else:
            compare_words(counts, by_start, places, mine)
        own = {(places[a][0], places[b - 1][1], label) for a, b, label in mine["entities"]}
        heads = [{**by_start[a], "end": b} for a, b in places if a in by_start]
        on_words = spans_of(tagger.group_entities(heads))
        starts = {start for start, _ in places}
        split = any(p["start"] not in starts and p["word"][:2] != "##" for p in found)
        long = mine["windows"] > 1 or len(found) + 2 >= job["longest"]
        excuse = "not_valid" if mine["illegal"] else "long" if long else None
        counts["documents"] += 1
        counts["on_words" if on_words == own else excuse or "other"] += 1
        whole = spans_of(spans)
        counts["whole"] += whole == own
        counts["whole_split"] += whole != own and on_words == own and split
        counts["whole_other"] += whole != own and on_words == own and not split
    return counts


COUNTED = (
    *("documents", "words", "long_words", "same_tag", "largest_difference", "not_given"),
    *("on_words", "not_valid", "long", "other", "whole", "whole_split", "whole_other"),
)


def spans_of(entities: list[dict]) -> set[tuple[int, int, str]]:
    return {(e["start"], e["end"], e["entity_group"]) for e in entities if e["entity_group"] != "O"}


def locate(words: list[str]) -> list[tuple[int, int]]:
    """Return where each word is in the text that the pipeline joins with single spaces."""
    places, at = [], 0
    for word in words:
        places.append((at, at + len(word)))
        at += len(word) + 1
    return places


def compare_words(counts: dict, by_start: dict, places: list, mine: dict) -> None:
    for (start, _), tag, chance in zip(places, mine["tags"], mine["chances"], strict=True):
        counts["words"] += 1
        piece = by_start.get(start)
        if piece is None:
            counts["not_given"] += 1
            continue
        difference = abs(float(piece["score"]) - chance)
        counts["same_tag"] += piece["entity"] == tag
        counts["largest_difference"] = max(counts["largest_difference"], difference)


def label_ours(job: dict, documents: list[Document]) -> list[dict]:
    """Label as Predictor does, keeping each word's own best tag beside the entities."""
    from engine.inference import pipeline as prediction
    from engine.inference.predicting import score_units
    from engine.tasks.spans.tagging.decoding import count_illegal
    from engine.tasks.spans.tagging.encoding import encode, tag_names

    found = prediction.load(Path(job["run"]), "cpu" if job["cpu"] else "auto")
    loaded, names = found.loaded, tag_names(found.labels)
    job["longest"] = min(loaded.longest, loaded.tokenizer.model_max_length)
    windows = encode(documents, loaded.pieces, found.labels, found.length, found.stride)
    lengths = [len(document.tokens) for document in documents]
    where = loaded.padding, found.device
    scores = score_units(loaded.model, windows, lengths, *where, flat=found.flat)
    held = [window.document for window in windows]
    labelled = [document for chunk in found.stream(documents) for document in chunk]
    return [
        {
            "tags": [names[tag] for tag in score.argmax(axis=1)],
            "chances": [math.exp(chance) for chance in score.max(axis=1)],
            "illegal": count_illegal([score]),
            "windows": held.count(number),
            "entities": [in_tokens(document, span) for span in document.spans],
        }
        for number, (document, score) in enumerate(zip(labelled, scores, strict=True))
    ]


def in_tokens(document: Document, span) -> tuple[int, int, str]:
    starts = [start for start, _ in document.tokens]
    ends = [end for _, end in document.tokens]
    return starts.index(span.start), ends.index(span.end) + 1, span.label
