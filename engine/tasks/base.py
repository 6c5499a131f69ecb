"""What a task says of itself: all that differs between spans, classes and pairs.

A task has two sides. `Task` is light, and any room may ask it: what people mark and edit, how
marks are matched, counted and told. `Head` is the model's side, and only workers load it: what
a model reads, what it answers with, what is right, and which marks its answers mean.

Training, inference, runs, reports and pages are written once, for these two. A new task is a
package with an object of each, and one line in ``engine/tasks/__init__.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from engine.evaluation.figures import as_text
from engine.tasks.parts import Companion, DataCheck, Fitting, Learnable, Unlearned
from storage.facts import Facts
from storage.types import Document, Match, Span
from storage.words import Words

if TYPE_CHECKING:
    import numpy as np

    from engine.encoding.packed import Cut, Windows
    from engine.encoding.word_pieces import Pieces
    from engine.evaluation.inconsistencies import Inconsistency
    from engine.evaluation.renewal.renewing import Renewing
    from engine.evaluation.suspects import Suspect
    from engine.tasks.uncertainty import Doubt

__all__ = ["Companion", "DataCheck", "Fitting", "Head", "Learnable", "Task", "Unlearned"]


class Task(Protocol):
    """What people mark, and how that is held against what a model marks. Light to import."""

    name: str
    """What projects, ``spec.json`` and the registry call it."""
    marks_whole: bool
    """A mark stands for the whole document (``Span.whole``); else it has a range."""
    edits: Collection[str]
    """The kinds of edit that people make (see ``storage/journal``)."""
    tagger: str
    """The tagger's mode that draws and edits a document: "spans", or "whole" for its labels."""
    listing: str
    """The widget that draws marks in lists: cells, suggestions, documents."""
    columns: Sequence[str]
    """What a file gives it: "token" and "tag", "text" and "spans"; "text", "second_text" and
    "label", or "labels" where there may be several (see ``engine.formats.common.shape``)."""
    fitting: Fitting | None
    """What labels say of two texts, one of which is looked for; None where there is one text."""
    title: str
    """What a person who makes a project chooses it by: "Several labels for each text"."""
    with_several: str
    """The task in which a document may have several such labels; "" where that makes no sense."""
    pipeline_tag: str
    """What the Hugging Face hub calls the task, as in the front matter of a model card."""
    portable: str
    """What its model reads and answers where there is no Whetstone, as ``module:class`` (see
    ``engine.tasks.portable``); empty where its models cannot leave."""
    words: Words
    """What people call its marks and its documents, and the figure that a model is known by."""
    ignores: Collection[str]
    """The settings of a training that change nothing for it: nobody is asked for them."""
    nothing_to_learn: str
    """What is missing where no label is learned, and what to do, in one sentence."""
    error_kinds: Mapping[str, str]
    """The kinds of error that ``facts`` tells, in the order of a table, each with its meaning."""
    borders: Mapping[str, str]
    """The ways in which borders differ, likewise; empty where marks have none."""

    levels: Sequence[str]
    """What ``printed`` may hold under names of their own, the first of them there always."""

    def learnable(self, documents: Iterable[Document], labels: Sequence[str]) -> Learnable:
        """Tell which labels the documents of train teach, in the order of ``labels``."""

    def check(self, documents: Iterable[Document], cut: Cut | None = None) -> DataCheck:
        """Tell what of the training documents can be learned, before any training.

        ``cut`` is what a tokenizer made of their tokens. They are read once.
        """

    def unlearned(self, documents: Sequence[Document]) -> list[Unlearned]:
        """Return the marks that no model learns as they are, by reason; none without a mark."""

    def match(
        self, documents: Sequence[Document], predicted: Iterable[Sequence[Span]]
    ) -> list[Match]:
        """Match gold and predicted marks one to one, each judged, in reading order.

        A match names its document by id, or by its position where documents have none.
        """

    def facts(
        self, documents: Sequence[Document], matches: Sequence[Match], train: Iterable[Document]
    ) -> list[Facts]:
        """Return what is known of each match: its kind of error, lengths, whether train has it.

        All matches of a document must be there. Every match that is not exact is part of one
        error, and no exact one is. Raises KeyError where a match's document is missing.
        """

    def recount(self, confusion: Mapping[str, Any]) -> dict[str, Any]:
        """Return what of a split's scores a confusion table says by itself.

        It is counted from some of the matches: figures of those that a filter leaves.
        """

    def score(
        self,
        documents: Sequence[Document],
        predicted: Sequence[Sequence[Span]],
        matches: Sequence[Match],
        notes: Mapping[str, object],
    ) -> dict[str, Any]:
        """Return one split of a report: headline, tables, confusion (see ``evaluation.figures``).

        The confusion table counts the matches. ``notes`` are told besides, under their names.
        """

    def printed(self, scores: Mapping[str, Any]) -> dict[str, Any]:
        """Return one split of a report as commands print it.

        Each level has ``labels`` (rates and support by name), "micro", "macro" and "weighted".
        """

    def compare(
        self, documents: Sequence[Document], predicted: Sequence[Sequence[Span]], check: bool
    ) -> tuple[dict[str, Any], list[str]]:
        """Return what ``score`` prints of two files, and the tables for who reads them.

        With ``check`` a reference is asked, too, where the task has one.
        """
        scores = self.score(documents, predicted, self.match(documents, predicted), {})
        found = self.printed(scores)
        return found, [as_text(found[level]) for level in self.levels if level in found]

    def figures(
        self,
        documents: Sequence[Document],
        predicted: Sequence[Sequence[Span]],
        matches: Sequence[Match],
    ) -> dict[str, float]:
        """Return an epoch's figures. The best epoch is the one with the highest "f1"."""

    def suspects(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[Suspect]:
        """Rank the marks that are probably wrong or missing, the most suspicious first.

        ``scores`` has for each document float32 log-probabilities of shape (models, units,
        outputs), by models that did not learn from it; ``labels`` are those of the outputs.
        """

    def renewing(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> Renewing:
        """Return what weighs the labels of documents anew, once they are others.

        ``documents`` have the labels that were checked; the rest is as in ``suspects``.
        """
        from engine.evaluation.renewal.renewing import Apart

        return Apart(self.suspects, scores, labels)

    def informed(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> bool:
        """Tell whether such scores know more of marks than how frequent each label is."""

    def inconsistencies(self, documents: Sequence[Document]) -> list[Inconsistency]:
        """Find the same words with different marks, or without one elsewhere; most to mend first.

        The documents are done. A place names its document by id, or by its position.
        """

    def head(self) -> Head:
        """Load the model's side of the task; in workers only."""


class Head(Protocol):
    """The model's side of a task: examples, outputs, loss, decoding, doubt.

    A document has *units*, what the model answers for: its tokens, or itself as a whole. Scores
    are float32 log-probabilities of shape (units, outputs), one array a document.
    """

    @property
    def task(self) -> Task:
        """The light side of the same task."""

    @property
    def companions(self) -> Sequence[Companion]:
        """The models that are trained beside it; most tasks have none."""

    auto_class: Any
    """transformers' class of models with such a head: ``AutoModelFor…``."""
    objective: Any
    """What training makes small (see ``engine.training.loss.CrossEntropy``)."""
    averages: bool
    """The model answers once for a window, best from the mean over its pieces (see pooling)."""
    shapes: bool
    """It reads the words' shapes where the model does (see ``engine.encoding.shapes``)."""

    def outputs(self, labels: Sequence[str]) -> list[str]:
        """Name the head's outputs in the order of their numbers."""

    def labels(self, outputs: Sequence[str]) -> list[str]:
        """Return the labels that a trained head's outputs were made for."""

    def encode(
        self,
        documents: Iterable[Document],
        pieces: Pieces,
        labels: Sequence[str],
        max_length: int,
        stride: int,
    ) -> Windows:
        """Turn documents into windows of at most ``max_length`` pieces, with their targets.

        They are read once.
        """

    def answers(self, document: Document, labels: Sequence[str]) -> np.ndarray:
        """Return what is right for each unit: float32 of shape (units, outputs), 1 where it is.

        A unit of which nobody knows what is right has NaN. By this one the outputs of a document
        as a whole are its labels, of which it has one.
        """
        import numpy as np

        given = {span.label for span in document.spans}
        row = np.array([[float(label in given) for label in labels]], np.float32)
        return row if row.any() else np.full_like(row, np.nan)

    def units(self, document: Document) -> int:
        """Return how many answers a document asks for."""

    def decode(
        self,
        documents: Sequence[Document],
        scores: Sequence[np.ndarray],
        labels: Sequence[str],
        lean: float = 0.0,
    ) -> list[tuple[Span, ...]]:
        """Return the marks that scores mean, each with how sure the model is of it.

        ``lean``, in nats, finds more than the model would by itself: what people read to
        correct. Scores of marks stay as the model has them.
        """

    @property
    def config(self) -> Mapping[str, Any]:
        """What ``config.json`` holds besides, for transformers and for decisions made on dev."""
        return {}

    def decided(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> Head:
        """Return the head as dev wants it to decide: thresholds that no gradient finds.

        ``documents`` are dev's, with the marks of people. Most heads are as they were.
        """
        return self

    def taught(self, config: Mapping[str, Any]) -> Head:
        """Return the head as it was when a model was saved, by ``config`` of then."""
        return self

    def guesses(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> list[tuple[Span, ...]]:
        """Return what the model would mark next beyond ``decode``'s marks.

        ``documents`` have the decoded marks. Of marks of the whole document the likeliest come
        first, and only some, for a person chooses one by a key; of marks that have a place, in
        the order of the text: the label that words get if a person marks them.
        """
        return [()] * len(documents)

    def notes(
        self, documents: Sequence[Document], scores: Sequence[np.ndarray], labels: Sequence[str]
    ) -> Mapping[str, object]:
        """Return what a split's report tells besides, by name: what only scores can tell.

        ``documents`` have the marks of people.
        """

    def doubt(self, scores: np.ndarray) -> Doubt | None:
        """Measure how unsure a document's scores are; None where there is nothing to measure."""

    def vectors(self, document: Document, marks: Sequence[Span], tokens: np.ndarray) -> np.ndarray:
        """Return what stands for each mark among vectors of the document's tokens.

        float32 of shape (marks, width), of ``tokens`` of shape (tokens, width); zeros where a
        mark has no token.
        """

    def chances(self, document: Document, marks: Sequence[Span], scores: np.ndarray) -> np.ndarray:
        """Return how probable each label is in the place of each mark: (marks, labels)."""
