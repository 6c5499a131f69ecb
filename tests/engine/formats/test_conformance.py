"""Every file of the samples and corpora comes in with its counts, or is refused for its reason.

The counts are those of the corpora's own READMEs and of the reference: sentences and entities.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.formats import conformance
from tests.engine.formats.conformance import Line, expected, files, imported

# What the READMEs beside the files say: documents and marks, bad rows left out.
STATED = {
    "data/wnut17/wnut17train.conll": (3394, 1975),
    "data/wnut17/emerging.dev.conll": (1009, 836),
    "data/wnut17/emerging.test.annotated": (1287, 1079),
    "data/btc/btc.train": (6338, 8779),
    "data/btc/btc.dev": (1000, 1730),
    "data/btc/btc.test": (2001, 4376),
    "data/wikigold/wikigold.conll.txt": (1696, 3558),
    "data/banking77/train.csv": (10003, 10003),
    "data/banking77/test.csv": (3080, 3080),
    "data/clinc150/data_full.json": (23700, 23700),
}
SENTENCES = {
    **{"data/sec_filings/FIN5.txt": 1164, "data/sec_filings/FIN3.txt": 303},
    **{
        f"data/crossner/{name}/{split}.txt": count
        for name, counts in {
            "politics": (200, 541, 651),
            "science": (200, 450, 543),
            "music": (100, 380, 465),
            "literature": (100, 400, 416),
            "ai": (100, 350, 431),
        }.items()
        for split, count in zip(("train", "dev", "test"), counts, strict=True)
    },
}
QUICK_BYTES = 60_000


def present() -> list[str]:
    found = files()
    if not found:
        pytest.skip("no samples are here")
    return found


def test_every_file_is_in_the_table_and_the_table_says_what_is_stated():
    table = {line.path: line for line in expected()}
    assert set(present()) == set(table), "a file that nobody looked at, or one that is gone"
    for path, counts in STATED.items():
        assert (table[path].documents, table[path].marks) == counts, path
    for path, count in SENTENCES.items():
        assert table[path].documents == count, path


def held(line: Line) -> Line:
    """Return what came of a file now; its task is chosen anew."""
    return imported(line.path, conformance.task_of(line.path))


def test_small_files_come_in_as_the_table_says():
    present()
    for line in expected():
        if (conformance.SHARED / line.path).stat().st_size < QUICK_BYTES:
            assert held(line) == line


@pytest.mark.long
def test_all_files_come_in_as_the_table_says(say: Callable[[str], None]):
    present()
    rows = [held(line) for line in expected()]
    print()
    for row in rows:
        what = f"{row.documents:>7,} documents {row.marks:>7,} marks" if row.task else row.reason
        bad = f"  {row.bad:,} bad: {row.reason}" if row.bad else ""
        print(f"{row.path:<95} {row.task:<10} {row.format:<16} {what}{bad}")
    say(f"{len(rows)} files, {sum(row.bad > 0 for row in rows)} of them refused for a reason")
    assert rows == expected()
