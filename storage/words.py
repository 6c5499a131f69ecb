"""What people call the things of a task: its marks, its documents, its figures. Standard library.

Which of them a task has is its own to say; texts that are the same for all have these filled in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Words:
    """What people call the things of a task, each in the singular; every plural is with "s"."""

    mark: str
    """What people give: "span", "label", "answer"."""
    document: str
    """What it is given to, or lies in: "sentence", "document", "pair"."""
    unit: str
    """What figures and cells count: "span", "document", "label", "pair"."""
    holder: str
    """What one label's figures count: "span", "document", "pair"."""
    label: str
    """What a mark says: "label", "answer"."""
    f1: str
    """The figure that a model is known by: "Entity F1", "Macro F1"."""
    pooled: str
    """What micro F1 is called in a sentence: "accuracy" where each has just one label."""
    right: str
    """When a mark counts as right, in a sentence."""
    alone: str
    """What became of a mark that only the model made: it was "found where nothing is labelled"."""
    same: str
    """What may be marked differently in places: "string", "text", "pair"."""

    @property
    def marks(self) -> str:
        return f"{self.mark}s"

    @property
    def documents(self) -> str:
        return f"{self.document}s"

    @property
    def short(self) -> str:
        """The figure's name in a word, where there is no room: "F1", "Accuracy"."""
        return "F1" if self.f1.endswith("F1") else self.f1

    @property
    def spoken(self) -> str:
        """The figure's name in a sentence, for short: "F1", "accuracy"."""
        return self.short if self.short == "F1" else self.short.lower()

    def fill(self, text: str) -> str:
        """Put them in where a sentence has ``{mark}``, ``{marks}``, ``{Marks}`` and the like."""
        names = ("mark", "document", "unit", "holder", "label", "same")
        own = {name: getattr(self, name) for name in names}
        own |= {f"{name}s": f"{word}s" for name, word in own.items()}
        more = {name.title(): word.title() for name, word in own.items()}
        return text.format(
            **own, **more, f1=self.f1, short=self.short, right=self.right, alone=self.alone
        )


SPANS = Words(
    mark="span",
    document="sentence",
    unit="span",
    holder="span",
    label="label",
    f1="Entity F1",
    pooled="F1",
    right="A span counts when its borders and its label are right.",
    alone="found where nothing is labelled",
    same="string",
)
CLASSES = Words(
    mark="label",
    document="document",
    unit="document",
    holder="document",
    label="label",
    f1="Accuracy",
    pooled="accuracy",
    right="A document counts when the model gives it the label that people gave it.",
    alone="given it where people gave none",
    same="text",
)
SEVERAL = replace(
    CLASSES,
    unit="label",
    f1="Micro F1",
    pooled="micro F1",
    right="Each label of a document counts by itself: it is right when people gave it, too.",
    alone="given it by the model alone",
)
PAIRS = replace(
    CLASSES,
    mark="answer",
    document="pair",
    unit="pair",
    holder="pair",
    f1="Macro F1",
    label="answer",
    right="A pair counts when the model gives it the answer that people gave it.",
    same="pair",
)
