"""The shared vocabulary: what flows between the rooms.

Standard library only, so that every room may import it. All offsets are Unicode
code points into the document's text, half-open: ``text[span.start:span.end]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Task(StrEnum):
    """What a project labels."""

    SPANS = "spans"
    CLASSES = "classes"
    MULTILABEL = "multilabel"
    PAIRS = "pairs"


class Split(StrEnum):
    """Which part of the data a document belongs to."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


class Status(StrEnum):
    """How far a person has come with a document."""

    UNTOUCHED = "untouched"
    IN_PROGRESS = "in progress"
    DONE = "done"
    SKIPPED = "skipped"


class Source(StrEnum):
    """Who made a span."""

    PERSON = "person"
    IMPORT = "import"
    MODEL = "model"
    DICTIONARY = "dictionary"
    SAMPLED = "sampled"
    """Drawn at random to stand against what people chose; nobody looked at it."""
    MINED = "mined"
    """Likewise, drawn among what is most like what people chose."""


class Merged(StrEnum):
    """Annotators that are no person: whose annotation holds what several made of a document.

    Nobody signs in, imports or edits as one of them.
    """

    ADJUDICATED = "(adjudicated)"
    """Holds what was decided between several people's versions."""
    MAJORITY = "(majority)"
    """Holds the marks that more than half of the people gave; computed, never edited."""


class RunState(StrEnum):
    """Where a run stands; the last three are final."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self in (RunState.DONE, RunState.FAILED, RunState.CANCELLED)

    @property
    def active(self) -> bool:
        """Whether a worker should be alive for it."""
        return self in (RunState.STARTING, RunState.RUNNING)


class Stage(StrEnum):
    """What a project has made of a run's model; of each stage there is one at a time."""

    CANDIDATE = "candidate"
    LIVE = "live"
    """It is served."""


class RunKind(StrEnum):
    """What runs are for, and what people call one that has no number (see ``engine.jobs``)."""

    TRAINING = "training"
    SEARCH = "search"
    SUGGESTIONS = "suggestion pass"
    LEARNING_CURVE = "learning curve"
    INSPECTION = "inspection"
    CROSS_VALIDATION = "cross-validation"
    CATALOGUE = "catalogue"
    MONITOR = "monitor reading"
    ZERO_SHOT = "zero-shot pass"
    COACH = "coach"
    """No run that anybody starts: what the coach suggests is its."""
    WORDS = "words"
    """Likewise: what was labelled in other projects, suggested before the coach has learned."""
    WORD_LIST = "word list"
    """Likewise: the strings of a list that somebody gave."""

    @property
    def is_work(self) -> bool:
        """Whether it stands for something that runs, and not only for who suggests."""
        return self not in (RunKind.COACH, RunKind.WORDS, RunKind.WORD_LIST)


class Severity(StrEnum):
    """How bad an import problem is: an error refuses the import, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class ErrorKind(StrEnum):
    """How a gold and a predicted span differ."""

    EXACT = "exact"
    BOUNDARY = "boundary"
    TYPE = "type"
    TYPE_AND_BOUNDARY = "type and boundary"
    MISSED = "missed"
    SPURIOUS = "spurious"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A mark: a labelled range of code points, or a label of the whole document.

    A range is never empty, so the empty range (0, 0) stands for the whole document; which of
    the two a project's marks are is its task's to say. Identity, maker and score do not take
    part in equality.
    """

    start: int
    end: int
    label: str
    id: str = field(default="", compare=False)
    source: Source = field(default=Source.PERSON, compare=False)
    score: float | None = field(default=None, compare=False)

    @property
    def whole(self) -> bool:
        """Whether it stands for the whole document."""
        return self.start == self.end == 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one annotator says of a document."""

    annotator: str
    spans: tuple[Span, ...] = ()
    status: Status = Status.DONE


Token = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Document:
    """A text as imported, with its token boundaries and gold spans.

    ``group`` names what must stay together in splits and folds (a ``-DOCSTART-``
    section); empty means the document stands alone. ``layout`` is what the codec
    that read the file needs to write it back byte for byte. ``status`` is DONE for
    documents that came with labels (also with none in them: "done and empty"). Tokens and
    ranges are those of ``text``; tasks on pairs of texts have a ``second_text`` besides.
    """

    text: str
    tokens: tuple[Token, ...] = ()
    spans: tuple[Span, ...] = ()
    split: Split | None = None
    group: str = ""
    status: Status = Status.UNTOUCHED
    name: str = ""
    layout: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None
    second_text: str | None = None
    date: str = ""
    """When it was written, as ISO 8601; empty where nobody said."""
    annotator: str = ""
    """Who gave the spans; empty for whoever brings the document."""
    others: tuple[Answer, ...] = ()
    """What other annotators said of it before, each once."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something noticed in a file. ``line`` is 1-based; 0 means the file as a whole.

    ``option`` names the option of the import that would help, too. How it is given differs
    between page and shell, so the message does not say.
    """

    severity: Severity
    file: str
    line: int
    message: str
    option: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    name: str
    color: str = ""
    key: str = ""
    description: str = ""
    id: int | None = None
    positive: str = ""
    negative: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    id: int
    name: str
    task: str
    """One of ``Task``, or of those that ``engine.tasks`` was told of besides."""
    allow_overlaps: bool
    labels: tuple[Label, ...] = ()
    guideline: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the database knows it; the folder holds the rest.

    ``number`` is what people read: it counts in the project, and a run that nobody started has
    none. ``folder`` is a name below HOME/runs. ``journal_id`` is the newest edit of the project
    that the frozen data knows; None while nothing is frozen. ``model_of`` is the run whose model
    this one uses. ``kind`` is one of ``RunKind``, or one that was registered beside them.
    ``expected`` is what was expected of it when it was started: "f1", "low", "high".
    ``machine`` is the id of the one that works on it, where several share the queue.
    """

    id: int
    project_id: int
    state: RunState
    attempt: int
    settings: Mapping[str, Any]
    progress: Mapping[str, Any]
    message: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    pid: int | None = None
    pid_started: float | None = None
    boot_id: str = ""
    number: int | None = None
    note: str = ""
    folder: str = ""
    journal_id: int | None = None
    kind: str = RunKind.TRAINING
    model_of: int | None = None
    expected: Mapping[str, float] | None = None
    machine: str | None = None

    @property
    def title(self) -> str:
        """What people call it: "Run 3", or what it is where it does not count."""
        return f"Run {self.number}" if self.number else f"{self.kind.capitalize()} {self.id}"


@dataclass(frozen=True, slots=True)
class Match:
    """One gold span and the predicted span it is held against; either may be absent."""

    document: int
    gold: Span | None
    predicted: Span | None
    kind: ErrorKind

    @property
    def place(self) -> Span:
        """Return the gold span, or the predicted one where nothing was labelled."""
        found = self.gold or self.predicted
        assert found, "a match has a side"
        return found


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training document that is like another one: rank 0 has the highest cosine."""

    document: int
    rank: int
    neighbour: int
    similarity: float


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """How sure a model is of a document, and how new it is; None where it has no word."""

    document: int
    entropy: float | None
    """Mean over the tokens, in nats."""
    confidence: float | None
    """Least confidence: 1 less the lowest of the tokens' best probabilities."""
    margin: float | None
    """The smallest difference of a token's two best probabilities."""
    novelty: float | None
    """Distance to what is labelled: 0 of a labelled document, more of an unlike one."""
