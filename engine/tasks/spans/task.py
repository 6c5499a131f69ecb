"""Spans as a task: labelled ranges of a text. The heavy half is in `head`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.tasks.learnable import LearnableLabels
from engine.tasks.spans import learnable
from engine.tasks.spans.metrics import levels
from storage.facts import Facts
from storage.tasks import EDITS_OF_SPANS
from storage.types import Document, Match, Span, Task
from storage.words import SPANS as WORDS

if TYPE_CHECKING:
    import numpy as np

    from engine.encoding.packed import Cut
    from engine.evaluation.inconsistencies import Inconsistency
    from engine.evaluation.renewal.renewing import Renewing
    from engine.evaluation.suspects import Suspect
    from engine.tasks.base import Fitting, Head, Unlearned
    from engine.tasks.spans.tagging.encoding import AlignmentReport


class Spans:
    """Satisfies ``engine.tasks.base.Task``."""

    name = Task.SPANS.value
    marks_whole = False
    edits: Collection[str] = EDITS_OF_SPANS
    tagger = listing = "spans"
    fitting: Fitting | None = None
    pipeline_tag = "token-classification"
    portable = "engine.tasks.spans.portable:Tags"
    words = WORDS
    columns: Sequence[str] = ("token", "tag", "text", "spans")
    title = "Spans: words and phrases in texts"
    with_several = ""
    ignores: Collection[str] = ("retriever_epochs", "head", "contrast")
    nothing_to_learn = (
        "None of the labelled training documents holds a span that a model can learn; tag at "
        "least one on the Tag page."
    )

    error_kinds: Mapping[str, str] = {
        "missed": "People labelled it, the model saw nothing there.",
        "spurious": "The model marked it, people labelled nothing there.",
        "type": "Found with the right borders, but under another label.",
        "boundary": "The right label, but it begins or ends elsewhere.",
        "type and boundary": "They overlap, but neither label nor borders are the same.",
        "split": "One labelled span, of which the model made several.",
        "merged": "Several labelled spans, of which the model made one.",
    }
    borders: Mapping[str, str] = {
        "too long": "The model's span holds all of the labelled one, and more.",
        "too short": "The model's span lies within the labelled one.",
        "shifted": "Each has words that the other lacks.",
    }

    levels: Sequence[str] = (levels.ENTITY, levels.TOKEN)

    def learnable(self, documents: Iterable[Document], labels: Sequence[str]) -> LearnableLabels:
        """Tell which labels the documents of train teach."""
        return learnable.of(documents, labels)

    def check(self, documents: Iterable[Document], cut: Cut | None = None) -> AlignmentReport:
        """Tell which spans a tag sequence over the documents' tokens can hold."""
        from engine.tasks.spans.tagging.encoding import align

        return align(documents, cut)

    def unlearned(self, documents: Sequence[Document]) -> list[Unlearned]:
        """Return the spans that tags over the documents' tokens cannot hold."""
        return learnable.unlearned(documents)

    def match(
        self, documents: Sequence[Document], predicted: Iterable[Sequence[Span]]
    ) -> list[Match]:
        """Match spans: exact ones first, then by the largest overlap."""
        from engine.tasks.spans.metrics import scoring

        return scoring.match_documents(documents, predicted)

    def facts(
        self, documents: Sequence[Document], matches: Sequence[Match], train: Iterable[Document]
    ) -> list[Facts]:
        """Return what is known of each match of these documents."""
        from engine.tasks.spans.metrics import match_facts

        return match_facts.of_matches(documents, matches, train)

    def recount(self, confusion: Mapping[str, Any]) -> dict[str, Any]:
        """Return the table of entities of a confusion table; of tokens it says nothing."""
        from engine.tasks.spans.metrics import scoring

        return levels.of_entities(scoring.score_entities(confusion), confusion)

    def score(
        self,
        documents: Sequence[Document],
        predicted: Sequence[Sequence[Span]],
        matches: Sequence[Match],
        notes: Mapping[str, object],
    ) -> dict[str, Any]:
        """Return all tables, the confusion, kinds of error, and what seqeval says."""
        from engine.tasks.spans.metrics import error_kinds, scoring, semeval, seqeval_check

        scores = scoring.score_matches(documents, predicted, matches)
        degrees = {levels.SEMEVAL: semeval.of_all(documents, predicted)}
        errors = error_kinds.count_kinds(error_kinds.find_errors(matches))
        checked = {"errors": errors, "seqeval": seqeval_check.check(documents, predicted)}
        return levels.to_scores({**scores, **degrees, **notes, **checked})

    def printed(self, scores: Mapping[str, Any]) -> dict[str, Any]:
        """Return the levels of entities and tokens, and what else the scores hold."""
        return levels.by_level(scores)

    def compare(
        self, documents: Sequence[Document], predicted: Sequence[Sequence[Span]], check: bool
    ) -> tuple[dict[str, Any], list[str]]:
        """Return both levels, each error, SemEval's degrees, and with ``check`` seqeval's word."""
        from engine.tasks.spans.metrics import comparing

        return comparing.compare(documents, predicted, check)

    def figures(
        self,
        documents: Sequence[Document],
        predicted: Sequence[Sequence[Span]],
        matches: Sequence[Match],
    ) -> dict[str, float]:
        """Return micro-averaged entity rates and the token accuracy."""
        from engine.tasks.spans.metrics import scoring

        row = scoring.micro(matches)
        rates = {name: row[name] for name in ("precision", "recall", "f1")}
        return {**rates, "accuracy": scoring.token_accuracy(documents, predicted)}

    def suspects(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[Suspect]:
        """Rank entities, and places that may lack one, the most suspicious first."""
        from engine.tasks.spans.label_errors import suspects

        return suspects.rank(documents, scores, labels)

    def renewing(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> Renewing:
        """Return what weighs entities anew: how the same words are labelled elsewhere speaks."""
        from engine.tasks.spans.label_errors.renewing import Together

        return Together(documents, scores, labels)

    def informed(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> bool:
        """Tell that they do: how the same words are labelled elsewhere speaks, too."""
        return True

    def inconsistencies(self, documents: Sequence[Document]) -> list[Inconsistency]:
        """Find strings that are labelled differently in places, or left unlabelled elsewhere."""
        from engine.tasks.spans.label_errors import inconsistencies

        return inconsistencies.find(documents)

    def head(self) -> Head:
        """Load the head that gives every token a tag."""
        from engine.tasks.spans.head import TagHead

        return TagHead(self)


SPANS = Spans()
