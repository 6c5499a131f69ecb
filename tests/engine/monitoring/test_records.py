"""Records: rows of files that grow are known again, and each counts once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from engine.monitoring import counting, records
from engine.monitoring.counting import ALL
from engine.monitoring.records import Columns
from engine.monitoring.rhythm import By
from storage.errors import InputError

HEAD = "created_at,text\n"
ROWS = "2026-01-01,late\n2026-01-01,late\n2026-01-02,good\n"


def keys(source: Path, growing: bool = False) -> list[str]:
    return [record.key for record in records.take(source, Columns(), growing=growing).records]


def test_rows_that_are_equal_count_each_and_are_known_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + ROWS)
    before = keys(path)
    assert len(set(before)) == 3
    path.write_text(HEAD + ROWS + "2026-01-03,late\n")
    assert keys(path)[:3] == before and len(set(keys(path))) == 4


def test_a_copy_and_another_name_bring_nothing_new(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(HEAD + ROWS)
    assert len(set(keys(tmp_path))) == 3


def test_an_id_is_all_that_counts_where_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n,date,text\n1,2026-01-01,late\n1,2026-01-02,corrected\n2,2026-01-01,late\n")
    found = records.take(path, Columns(id="n")).records
    assert found[0].key == found[1].key != found[2].key


def test_a_row_that_is_still_being_written_is_left_for_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + ROWS + "2026-01-03,ha")
    assert len(keys(path, growing=True)) == 3 and len(keys(path)) == 4
    path.write_text(HEAD + ROWS + '2026-01-03,"two\nlines')
    assert len(keys(path, growing=True)) == 3
    path.write_bytes((HEAD + ROWS).encode() + "2026-01-03,ü".encode()[:-1])
    assert len(keys(path, growing=True)) == 3


def test_all_kinds_of_files_of_a_folder_are_read(tmp_path: Path) -> None:
    rows = [{"date": "2026-01-01", "text": "one"}, {"date": "2026-01-02", "text": "two"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    table = pa.table({"date": [date(2026, 1, 3)], "text": ["three"]})
    (tmp_path / "deeper").mkdir()
    parquet.write_table(table, tmp_path / "deeper" / "b.parquet")
    (tmp_path / "c.tsv").write_text("date\ttext\n2026-01-04\tfo,ur\n")
    (tmp_path / "2026-01-05 letter.txt").write_text("five\nlines")
    (tmp_path / ".half.csv").write_text("no")
    found = records.take(tmp_path, Columns()).records
    assert sorted(record.date for record in found) == [f"2026-01-0{n}" for n in range(1, 6)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"when,what\n1,2\n", "Which column of a.csv is the text"),
        ("a.csv", b"date,text\n1,2,3\n", "line 2: the row has 3 cells"),
        ("a.csv", b"date,text\n1,\xff\n2,b\n2,b\n", "line 2: the byte 0xFF is not valid UTF-8"),
        ("a.csv", b"date,text\n1,a\0b\n", "line 2: a cell holds a NUL"),
        ("a.jsonl", b"{}\n[1]\n", "Which column"),
        ("a.jsonl", b"{nope\n", "line 1: this is no JSON"),
        ("a.parquet", b"PAR1", "no Parquet file"),
        ("a.docx", b"", "is none of"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words):
        records.take(tmp_path / name, Columns())


def test_one_broken_row_is_told_and_keeps_no_other_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + ROWS + "2026-01-03,a,b\n2026-01-04,good\n")
    taken = records.take(path, Columns())
    assert (len(taken.records), len(taken.broken)) == (4, 1) and "line 5" in taken.broken[0]


def test_texts_are_counted_by_day_topic_label_and_level() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 4)]
    told = [({"card/lost"}, {"bad"}), ({"card/new", "card/lost"}, {"good"}), (set(), {"bad"})]
    counted = counting.count((d, *t) for d, t in zip(days, told, strict=True))
    known = {(s.topic, s.label): s for s in counting.series(counted, By.DAY)}
    assert known[ALL].counts.tolist() == [2, 0, 0, 1]
    assert (
        known["card", ""].counts.tolist() == known["card/lost", ""].counts.tolist() == [2, 0, 0, 0]
    )
    assert known["card", "bad"].counts.tolist() == [1, 0, 0, 0]
    assert known["", "bad"].counts.tolist() == [1, 0, 0, 1]
    assert known[ALL].to_json()["points"][1]["share"] is None
    weeks = counting.series(counted, By.WEEK)
    assert weeks[0].start == date(2025, 12, 29) and weeks[0].counts.tolist() == [3]


def test_the_columns_of_a_large_file_are_told_by_its_beginning(tmp_path: Path) -> None:
    table = tmp_path / "reviews.csv"
    table.write_bytes(b"date,text\n2026-01-02,fine\n" + b"2026-01-02,late again\n" * 60_000)
    with table.open("ab") as file:
        file.write(b"2026-01-02,\xff\n")
    assert records.columns_of(table) == ["date", "text"]
    wide = tmp_path / "wide.jsonl"
    wide.write_text(json.dumps({"date": "2026-01-02", "text": "x" * 2_000_000}) + "\n")
    assert records.columns_of(wide) == ["date", "text"]
