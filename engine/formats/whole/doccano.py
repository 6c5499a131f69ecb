"""doccano's classification: JSON Lines in which each text has a list of labels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.formats.common.base import InputFile, Options, Problems, Reading
from engine.formats.common.shape import Shape
from engine.formats.whole import filling
from engine.formats.whole.json_lines import JsonLines
from storage.types import Document


@dataclass(frozen=True, slots=True)
class Doccano:
    """doccano JSONL, read as any JSON Lines; its ``label`` is a list also where it has one."""

    shape: Shape
    name: str = "doccano"
    title: str = "JSON Lines (doccano)"
    extensions: tuple[str, ...] = (".jsonl", ".json")

    def sniff(self, source: InputFile) -> float:
        """Leave it to `JsonLines`, which reads the same."""
        return 0.0

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read texts with their labels, whatever doccano's version calls them."""
        return JsonLines(self.shape).read(source, options, problems)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one line a document under doccano's names."""
        for document in documents:
            record = filling.common(document, self.shape, lambda names, before, columns: names)
            for usual in filling.common_columns(self.shape).labels:
                record = {"label" if key == usual else key: v for key, v in record.items()}
            yield (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8")
