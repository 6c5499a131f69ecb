"""One Parquet file of texts with their spans, a row a document: what ``predict`` may write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.formats.common import arrow_batches
from engine.formats.common.base import Options, Reading
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile
from engine.formats.hugging_face import writing
from engine.formats.hugging_face.data_set import DataSet
from storage.types import Document


class SpanRows:
    """Parquet with the columns of a data set's, and the split, which no file's name tells here."""

    name = "parquet"
    title = "Parquet"
    extensions = (".parquet",)
    cannot_hold = ""

    def sniff(self, source: InputFile) -> float:
        """Ask for the four bytes that such a file begins with; data sets know more kinds."""
        return 0.98 * (not source.members and arrow_batches.is_parquet(source))

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each row."""
        return DataSet().read(source, options, problems)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield the file."""
        return writing.write_rows(documents)
