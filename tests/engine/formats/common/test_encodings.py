"""Encodings: told by marks and bytes, chosen by people, and never one that only half fits."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats.common import encodings
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile, lines_of, pieces_of, text_of

TEXTS = {
    "gb18030": "北京是中国的首都，我们住在上海。他说今天天气很好。\n",
    "big5hkscs": "我們住在臺北，今天天氣很好。他說了很多話。\n",
    "cp1251": "Привет, как дела? Мы живём в Москве уже десять лет.\n",
    "koi8_r": "Привет, как дела? Мы живём в Москве уже десять лет.\n",
    "cp932": "東京は日本の首都です。私は学生です。\n",
    "euc_jp": "東京は日本の首都であり、とても大きな都市です。\n",
    "cp949": "서울은 대한민국의 수도입니다. 안녕하세요.\n",
    "cp1252": "Die Straße führt über München nach Österreich.\n",
    "cp1250": "Łódź leży w środkowej Polsce, żółta gęś idzie ścieżką.\n",
    "iso8859_2": "Příliš žluťoučký kůň pěl o městě Brně, řekl Škoda.\n",
    "cp1253": "Καλημέρα κόσμε, τι κάνεις σήμερα στην Αθήνα;\n",
    "cp1254": "İstanbul'da yaşıyorum, güneşli bir gün, şehir çok büyük değil. Türkiye'nin "
    "başkenti Ankara'dır.\n",
    "cp1255": "שלום עולם, ירושלים היא עיר הבירה של ישראל\n",
    "cp1256": "القاهرة هي عاصمة مصر وأكبر مدنها\n",
    "cp874": "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย\n",
}


def found(data: bytes) -> encodings.Encoding:
    return encodings.find(lambda: io.BytesIO(data))


def read(data: bytes, encoding: str = "") -> tuple[str | None, Problems]:
    problems = Problems("x")
    return text_of(InputFile("x", data, encoding=encoding), problems), problems


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_told_by_its_mark_or_its_zeros(encoding):
    text = "Ada wrote to Bob, twice.\r\nZoë 😀\n"
    assert read(text.encode(encoding))[0] == text


@pytest.mark.parametrize(("encoding", "text"), TEXTS.items())
def test_legacy_encodings_are_told_by_their_letters_and_said_to_be_a_guess(encoding, text):
    data = (text * 3).encode(encoding)
    assert (found(data).name, found(data).is_guess) == (encoding, True)
    said, problems = read(data)
    assert said == text * 3
    (problem,) = problems.found
    assert problem.option == "encoding"


@pytest.mark.parametrize(("encoding", "text"), TEXTS.items())
def test_a_word_and_a_tag_on_each_line_hide_no_encoding(encoding, text):
    data = "".join(f"{word}\tO\n" for word in text.split()).encode(encoding) * 20
    assert found(data).name == encoding


def test_western_letters_come_right():
    text = "Les élèves français mangèrent à Noël. Ça coûte 5 €.\n"
    assert read(text.encode("cp1252"))[0] == text


@pytest.mark.parametrize(
    "bad", [b"\xff", b"\xed\xa0\xbd\xed\xb8\x80", b"\xc0\x80", b"\xf5\x80\x80\x80", b"\xe4\xb8"]
)
def test_damaged_utf8_is_no_other_encoding_and_names_the_byte(bad):
    data = "北京\nZürich liegt am Zürichsee\n".encode() + bad + "是\n".encode()
    said, problems = read(data)
    assert said is None
    (problem,) = problems.found
    assert problem.line == 3
    assert f"0x{bad[0]:02X}" in problem.message


def test_what_was_chosen_is_read_so_or_refused_by_its_first_bad_byte():
    data = "Große Straße\n".encode("latin-1")
    assert read(data, "latin-1")[0] == "Große Straße\n"
    assert read(data, "utf-8")[1].found[0].line == 1
    assert "no encoding" in read(data, "klingon")[1].found[0].message
    assert "no encoding" in read(data, "rot13")[1].found[0].message


def test_what_is_no_text_is_named():
    for data, title in ((b"PK\x03\x04", "workbook"), (b"%PDF-1.7", "PDF"), (b"\x1f\x8b", "gzip")):
        assert title in read(data)[1].found[0].message


@pytest.mark.parametrize("text", ["PK,text\n1,a\n", "PKK\tB-ORG\n", "PAR1\tB-GENE\n"])
def test_a_text_that_begins_with_the_letters_of_a_binary_format_is_a_text(text):
    assert read(text.encode())[0] == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_lines_and_pieces_are_the_text_and_only_line_feeds_end_a_line(text):
    source = InputFile("x", text.removeprefix("\ufeff").encode(), encoding="utf-8")
    expected = text.removeprefix("\ufeff").removeprefix("\ufeff")
    lines = list(lines_of(source, Problems("x")))
    assert "".join(pieces_of(source, Problems("x"))) == expected
    only = "\n" not in expected
    assert "".join(lines) == (expected.replace("\r", "\n") if only else expected)
    assert all("\n" not in line[:-1] for line in lines)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    said, problems = read(data)
    assert (said is None) == problems.refused
