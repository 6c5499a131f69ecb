"""Encodings of text: told by a byte order mark, by the bytes, or chosen by a person.

What is UTF-8 is read as UTF-8. What mostly is, and has bad bytes, is damaged and no other
encoding: reading it as Latin-1 would turn every letter beyond ASCII into two wrong ones.
"""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Protocol

from charset_normalizer import CharsetMatch, from_bytes

# What a person may choose: the encodings of the web (WHATWG Encoding Standard), by Python's names.
KNOWN = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "gb18030": "Chinese (GB18030, GBK)",
    "big5hkscs": "Chinese (Big5)",
    "cp932": "Japanese (Shift JIS)",
    "euc_jp": "Japanese (EUC-JP)",
    "cp949": "Korean (EUC-KR)",
    "cp1252": "Western (Windows-1252, Latin-1)",
    "iso8859_15": "Western (Latin-9)",
    "cp1250": "Central European (Windows-1250)",
    "iso8859_2": "Central European (Latin-2)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8_r": "Cyrillic (KOI8-R)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp1258": "Vietnamese (Windows-1258)",
    "cp874": "Thai (TIS-620)",
}
# The same letters at the same bytes, under the names that a detector may give.
_SAME = {
    **dict.fromkeys(("gb2312", "gbk", "hz"), "gb18030"),
    **dict.fromkeys(("big5", "cp950"), "big5hkscs"),
    **dict.fromkeys(("shift_jis", "shift_jis_2004", "shift_jisx0213"), "cp932"),
    **dict.fromkeys(("euc_jis_2004", "euc_jisx0213"), "euc_jp"),
    **dict.fromkeys(("euc_kr", "johab"), "cp949"),
    **dict.fromkeys(("latin_1", "iso8859_1", "cp1252", "ascii"), "cp1252"),
    **dict.fromkeys(("iso8859_9",), "cp1254"),
    **dict.fromkeys(("iso8859_7",), "cp1253"),
    **dict.fromkeys(("iso8859_8",), "cp1255"),
    **dict.fromkeys(("iso8859_11", "tis_620"), "cp874"),
    **dict.fromkeys(("koi8_u",), "koi8_r"),
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The four letters alone may begin a text, as the name of a gene.
PARQUET = re.compile(rb"PAR1[^\0]*\0")
_BINARY = (
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), "a ZIP archive or a workbook"),
    (re.compile(rb"%PDF"), "a PDF"),
    (re.compile(rb"\x1f\x8b"), "a gzip archive"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "an old Office document"),
    (PARQUET, "a Parquet file"),
)
# Halves of surrogate pairs written one by one (CESU-8, as old databases and Java do).
_SURROGATES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_CHUNK = 1024**2
# In bytes. A file without line ends must not fill the memory; no text is as long as that.
MOST_LINE = 16 * 1024**2
_SAMPLED_BYTES = 256 * 1024
# A character of two to four bytes in UTF-8 (RFC 3629), surrogates and overlong forms left out.
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
    rb"|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_BEYOND_ASCII = re.compile(rb"[^\t\n\r ]*[\x80-\xff][^\t\n\r ]*")
_WITHIN_WORD = re.compile(r"(?<=[^\W\d_])[^\x00-\x7f](?=[^\W\d_])")


class Fault(Exception):
    """What ends the reading of a text, and the line where."""

    def __init__(self, message: str, line: int, is_encoding: bool = False) -> None:
        super().__init__(message)
        self.line = line
        self.is_encoding = is_encoding


class Counts(Protocol):
    """What is told how many bytes were read."""

    bytes: int


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes are read as text: Python's name, or "" with the ``fault`` that says why not.

    ``is_guess`` where only the frequency of letters speaks for it; ``line`` is that of the fault,
    or of the first bytes that are no UTF-8; ``mark`` where the file begins with a byte order mark.
    """

    name: str
    fault: str = ""
    line: int = 0
    is_guess: bool = False
    mark: bool = False

    @property
    def title(self) -> str:
        """What people call it."""
        return KNOWN.get(self.name, self.name.upper())


def choose(name: str) -> Encoding:
    """Return the encoding that a person chose by a name of any spelling."""
    try:
        found = codecs.lookup(name).name.replace("-", "_")
    except LookupError:
        found = ""
    known = {each.replace("-", "_"): each for each in (*KNOWN, "utf-32")}
    found = _SAME.get(found, found)
    if found.startswith(("utf_16", "utf_32")):
        return Encoding(found.replace("_", "-"))
    if found not in known:
        return Encoding("", f'There is no encoding "{name[:40]}"; use one of {", ".join(KNOWN)}.')
    return Encoding(known[found])


def find(open_file: Callable[[], BinaryIO]) -> Encoding:
    """Tell the encoding of a file by its bytes; it is read once, in pieces."""
    with open_file() as file:
        start = file.read(_CHUNK)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name, mark=True)
    for pattern, title in _BINARY:
        if pattern.match(start):
            return Encoding("", f"The file is {title} and no text; choose its format yourself.")
    if wide := _without_mark(start):
        return Encoding(wide)
    with open_file() as file:
        bad = _first_bad(file)
    if bad is None:
        return Encoding("utf-8")
    with open_file() as file:
        return _legacy(file, *bad)


def _without_mark(start: bytes) -> str:
    """Tell UTF-16 of Western text by its zero bytes, all at one side of the pairs."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = max(len(start) // 2, 1)
    if len(start) >= 8 and max(even, odd) > 0.5 * half and min(even, odd) < 0.1 * half:
        return "utf-16-le" if odd > even else "utf-16-be"
    return ""


def _first_bad(file: BinaryIO) -> tuple[int, int] | None:
    """Return the offset and the line of the first byte that is no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    done, line = 0, 1
    while True:
        chunk = file.read(_CHUNK)
        pending = decoder.getstate()[0]
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            whole = pending + chunk
            return done - len(pending) + error.start, line + whole.count(b"\n", 0, error.start)
        if not chunk:
            return None
        done += len(chunk)
        line += chunk.count(b"\n")


def _legacy(file: BinaryIO, offset: int, line: int) -> Encoding:
    """Tell a legacy encoding from damaged UTF-8, by what stands around the first bad byte."""
    file.seek(max(0, offset - _SAMPLED_BYTES // 2))
    sample = file.read(_SAMPLED_BYTES)
    file.seek(offset)
    byte = file.read(1)[0]
    high = sum(each > 0x7F for each in sample)
    good = sum(map(len, (*_MULTIBYTE.findall(sample), *_SURROGATES.findall(sample))))
    fault = f"The byte 0x{byte:02X} (byte {offset + 1:,} of the file) is not valid UTF-8;"
    name = _detected(sample)
    # Of Japanese in EUC half looks like UTF-8, too.
    if 2 * good > high and (name != "euc_jp" or 4 * good > 3 * high):
        return Encoding("", f"{fault} mend the line, or choose the file's encoding.", line)
    if not name:
        return Encoding("", f"{fault} save the file as UTF-8, or choose its encoding.", line)
    return Encoding(name, line=line, is_guess=True)


def _detected(sample: bytes) -> str:
    whole = _whole_lines(sample)
    # In a word and a tag a line, the tags hide what is beyond ASCII.
    found = _matches(whole) or _matches(b" ".join(_BEYOND_ASCII.findall(whole)))
    if not found:
        return ""
    least = min(map(_strangeness, found))
    # Of those that fit as well, the one that more files are in: a short text tells little.
    equal = [each for each in found if _strangeness(each) == least]
    names = {_SAME.get(name, name) for each in equal for name in each.could_be_from_charset}
    return next((name for name in KNOWN if name in names and not name.startswith("utf")), "")


def _matches(sample: bytes) -> list[CharsetMatch]:
    """Return what the sample may be in, without what the best match is far better than."""
    found = from_bytes(sample, cp_isolation=[*KNOWN], preemptive_behaviour=False)
    best = found.best()
    return [each for each in found if best and each.chaos <= best.chaos]


def _strangeness(match: CharsetMatch) -> tuple[int, float]:
    """Order matches: no sign stands within a word, and letters are as frequent as in a language.

    Latin-2 read as Windows-1250 has signs where letters were.
    """
    within = map(unicodedata.category, _WITHIN_WORD.findall(str(match)))
    return sum(each[0] in "SPN" for each in within), -match.coherence


def _whole_lines(sample: bytes) -> bytes:
    """Cut what may begin or end inside of a character."""
    first, last = sample.find(b"\n"), sample.rfind(b"\n")
    return sample[first + 1 : last + 1] if 0 <= first < last else sample


def lines(file: BinaryIO, encoding: Encoding, meter: Counts) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, line with its end); raise Fault where bytes are not in the encoding."""
    if encoding.name.startswith(("utf-16", "utf-32")):
        yield from _cut(pieces(file, encoding, meter))
        return
    number = 0
    while raw := file.readline(MOST_LINE + 1):
        number += 1
        meter.bytes += len(raw)
        if len(raw) > MOST_LINE:
            raise _too_long(number)
        try:
            yield number, raw.decode(encoding.name)
        except UnicodeDecodeError as error:
            raise _bad(raw[error.start], encoding, number) from error


def lines_of_old(file: BinaryIO, encoding: Encoding, meter: Counts) -> Iterator[tuple[int, str]]:
    """Yield likewise, with "\\n" for ends, of a file whose lines carriage returns alone end."""
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    found = chain(pieces(file, encoding, meter), [(0, "")])
    yield from _cut((number, ends.decode(text, final=not text)) for number, text in found)


def pieces(file: BinaryIO, encoding: Encoding, meter: Counts) -> Iterator[tuple[int, str]]:
    """Yield (line at which it begins, piece of the text); raise Fault likewise."""
    decoder = codecs.getincrementaldecoder(encoding.name)()
    line = 1
    while True:
        raw = file.read(_CHUNK)
        meter.bytes += len(raw)
        pending = decoder.getstate()[0]
        try:
            text = decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            whole = pending + raw
            line += whole.count(b"\n", 0, error.start)
            raise _bad(whole[error.start], encoding, line) from error
        if text:
            yield line, text
            line += text.count("\n")
        if not raw:
            return


def _cut(found: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Cut pieces of text into lines."""
    number, held = 1, ""
    for _, text in found:
        *whole, held = (held + text).split("\n")
        for line in whole:
            yield number, f"{line}\n"
            number += 1
        if len(held) > MOST_LINE:
            raise _too_long(number)
    if held:
        yield number, held


def _bad(byte: int, encoding: Encoding, line: int) -> Fault:
    message = (
        f"The byte 0x{byte:02X} is not valid {encoding.title}; mend the line, or choose another "
        "encoding."
    )
    return Fault(message, line, is_encoding=True)


def _too_long(line: int) -> Fault:
    limit = MOST_LINE // 1024**2
    return Fault(f"The line is longer than {limit} MB; put one document on a line.", line)
