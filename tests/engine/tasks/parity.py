"""A toy task in one file: is a text's number of words even? The last line lists it."""

from __future__ import annotations

import numpy as np

from engine import tasks
from engine.encoding.examples import IGNORED, whole
from engine.encoding.packed import Windows
from engine.evaluation.confusion import confuse
from engine.evaluation.inconsistencies import of_whole_texts
from engine.evaluation.suspects import informed, rank_whole
from engine.tasks import base
from engine.tasks.learnable import LearnableLabels
from storage.facts import Facts
from storage.types import Document, ErrorKind, Match, Source, Span, Split
from storage.words import CLASSES

LABELS, WHOLE, AVERAGES = ("even", "odd"), (0, 0), ("micro", "macro", "weighted")


class Parity:
    name, tagger, listing, marks_whole, fitting = "parity", "whole", "labels", True, None
    pipeline_tag, words, columns = "text-classification", CLASSES, ("text", "label")
    ignores, portable = ("retriever_epochs",), ""
    edits = frozenset({"add", "remove", "relabel", "status", "flag", "comment"})
    title, with_several = "Parity: even or odd", ""
    levels = ("class",)
    nothing_to_learn = "No text is said to be even or odd: choose for a few."
    error_kinds = {"type": "Even was taken for odd, or odd for even."}
    borders: dict[str, str] = {}

    def learnable(self, documents, labels):
        train = [d for d in documents if d.split in (None, Split.TRAIN)]
        taught = {span.label for document in train for span in document.spans}
        learned = tuple(label for label in labels if label in taught)
        return LearnableLabels(learned, tuple(label for label in labels if label not in taught))

    def check(self, documents, tokenizer=None):
        return Check(len(documents))

    def unlearned(self, documents):
        return []

    def match(self, documents, predicted):
        pairs = zip(documents, predicted, strict=True)
        return [match(d, *d.spans[:1], *found[:1]) for d, found in pairs if d.spans and found]

    def facts(self, documents, matches, train):
        lengths = {document.id: len(document.tokens) for document in documents}
        kinds = ["" if match.kind is ErrorKind.EXACT else "type" for match in matches]
        pairs = zip(kinds, matches, strict=True)
        return [Facts(kind, document_length=lengths[m.document]) for kind, m in pairs]

    def score(self, documents, predicted, matches, notes):
        return {**self.recount(confuse(matches)), **notes}

    def printed(self, scores):
        table, rest = scores["tables"][0], ("confusion", "documents")
        rows = {row["name"]: row for row in table["rows"]}
        kept = {name: value for name, value in scores.items() if name in rest}
        return {"class": {"labels": rows, **table["averages"]}, **kept}

    compare, renewing = base.Task.compare, base.Task.renewing

    def recount(self, confusion):
        support = sum(map(sum, confusion["counts"]))
        value = sum(confusion["exact"]) / max(support, 1)
        row = {"precision": value, "recall": value, "f1": value, "support": support}
        rows = [{"name": label, "label": label, **row} for label in confusion["labels"]]
        about = {"name": "labels", "title": "Labels", "about": "", "item": {"title": "Label"}}
        headline = {"name": "f1", "title": "Accuracy", "value": value, "support": support}
        return {
            "headline": {**headline, "beside": []},
            "tables": [{**about, "rows": rows, "averages": dict.fromkeys(AVERAGES, row)}],
            "confusion": confusion,
        }

    def figures(self, documents, predicted, matches):
        exact = sum(match.kind is ErrorKind.EXACT for match in matches)
        return {"f1": exact / max(len(matches), 1)}

    def suspects(self, documents, scores, labels):
        return rank_whole(documents, scores, labels)

    def informed(self, documents, scores, labels):
        return informed(documents, scores, labels, several=False)

    def inconsistencies(self, documents):
        return of_whole_texts(documents)

    def head(self):
        return Head()


class Check:
    def __init__(self, documents):
        self.sentences = [f"Counting the words of {documents} texts."]

    def to_json(self):
        return {}


def match(document: Document, gold: Span, found: Span) -> Match:
    kind = ErrorKind.EXACT if gold == found else ErrorKind.TYPE
    return Match(document.id, gold, found, kind)


class Head:
    """What only a worker loads."""

    def __init__(self):
        from transformers import AutoModelForSequenceClassification

        from engine.tasks.uncertainty import doubt
        from engine.training.loss import CrossEntropy

        self.task, self.auto_class = PARITY, AutoModelForSequenceClassification
        self.averages = False
        self.objective, self.doubt, self.companions = CrossEntropy, doubt, ()

    def outputs(self, labels):
        return list(labels)

    labels = outputs

    def encode(self, documents, pieces, labels, max_length, stride):
        number = {label: place for place, label in enumerate(labels)}

        def target(document):
            return number.get(document.spans[0].label, IGNORED) if document.spans else IGNORED

        return Windows.of(whole(documents, pieces, max_length, target))

    def units(self, document):
        return 1

    def decode(self, documents, scores, labels, lean=0.0):
        best = [int(each[0].argmax()) for each in scores]
        sure = [float(np.exp(each[0].max())) for each in scores]
        made = zip(best, sure, strict=True)
        return [(Span(*WHOLE, labels[i], "", Source.MODEL, chance),) for i, chance in made]

    answers = base.Head.answers
    config, guesses = base.Head.config, base.Head.guesses
    decided, taught = base.Head.decided, base.Head.taught

    def notes(self, documents, scores, labels):
        return {}

    def vectors(self, document, marks, tokens):
        return tokens.mean(axis=0)[None].repeat(len(marks), axis=0)

    def chances(self, document, marks, scores):
        return np.exp(scores[:1]).repeat(len(marks), axis=0)


PARITY = Parity()
tasks.register("parity", "tests.engine.tasks.parity:PARITY")
