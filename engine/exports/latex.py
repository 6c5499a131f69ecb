r"""LaTeX: tables of the booktabs package in a document that compiles as it is.

Under LuaLaTeX and XeLaTeX every letter is typeset that the font has. pdfLaTeX knows fewer, and
stops at the others: those are written as their code points there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from engine.evaluation.figures import lowered
from engine.exports import contents
from engine.exports.contents import Row
from engine.exports.plain import plain
from engine.exports.subject import Subject

# What fits on a page; longer tables go over several, which the columns of a paper cannot.
PAGE = 40
HEAD = r"\documentclass{article}"
PACKAGES = r"\usepackage{booktabs,longtable}"
COPY = r"% Up to \end{document} this may be copied into a paper that has the packages above."

_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    '"': r"\textquotedbl{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # At the start of a row these belong to the end of the row before.
    **{sign: f"{{{sign}}}" for sign in "[]*"},
    **{sign: f"\\{sign}" for sign in "#$%&_{}"},
}


def render(subject: Subject) -> str:
    """Return a document with a table for each table of the report."""
    body = "\n\n".join(_tables(subject))
    head = [HEAD, *_encoding(body), PACKAGES, r"\begin{document}", COPY]
    return "\n".join([*head, "", body, "", r"\end{document}", ""])


def _encoding(body: str) -> Iterator[str]:
    """Yield what only pdfLaTeX needs: a font encoding, and a stand-in for letters without one."""
    yield r"\ifdefined\DeclareUnicodeCharacter"
    yield r"\usepackage[T1]{fontenc}"
    for sign in sorted({sign for sign in body if not sign.isascii()}):
        known = rf"\ifcsname u8:\detokenize{{{sign}}}\endcsname\else"
        yield rf"{known}\DeclareUnicodeCharacter{{{ord(sign):04X}}}{{U+{ord(sign):04X}}}\fi"
    yield r"\fi"


def _tables(subject: Subject) -> Iterator[str]:
    for split, scores in subject.scores.items():
        told = "; ".join(
            f"{lowered(figure.title) if at else figure.title} {figure.text} {figure.over}"
            for at, figure in enumerate(contents.headline(scores))
        )
        for at, table in enumerate(scores["tables"]):
            name = f"{contents.title(subject)}, {split}: {table['title'].lower()}. "
            about = told if at == 0 else table.get("about", "")
            label = rf"\label{{tab:{split}-{_key(table['name'])}}}"
            caption = rf"\caption{{{literal(name + about)}}}"
            yield "\n".join(_table(table, caption + label))


def _table(table: Mapping[str, Any], caption: str) -> Iterator[str]:
    rows = list(contents.rows(table))
    head = rf"{literal(table['item']['title'])} & Precision & Recall & F$_1$ & Support \\"
    lines = [*_rows(row for row in rows if not row.is_average), r"\midrule"]
    lines += _rows(row for row in rows if row.is_average)
    if len(rows) > PAGE:
        yield from (r"\begin{longtable}{lrrrr}", rf"{caption}\\", r"\toprule", head, r"\midrule")
        yield from (r"\endfirsthead", r"\toprule", head, r"\midrule", r"\endhead")
        yield from (r"\bottomrule", r"\endfoot", *lines, r"\end{longtable}")
    else:
        yield from (r"\begin{table}[ht]", r"\centering", caption, r"\begin{tabular}{lrrrr}")
        yield from (r"\toprule", head, r"\midrule", *lines, r"\bottomrule")
        yield from (r"\end{tabular}", r"\end{table}")


def _rows(rows: Iterator[Row]) -> Iterator[str]:
    for row in rows:
        *rates, support = row.texts
        figures = " & ".join([*rates, support.replace(",", r"\,")])
        yield rf"{literal(row.name)} & {figures} \\"


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


def literal(text: str) -> str:
    """Return LaTeX that shows a text as it is, in one line."""
    escaped = "".join(map(_sign, plain(text)))
    # Two of these in a row would be a dash, or a quotation mark.
    return re.sub(r"([-,])(?=\1)", r"\1{}", escaped)


def _sign(sign: str) -> str:
    # LuaLaTeX stops at the sign that stands for what is forbidden, and at no character at all.
    if sign == "\ufffd" or unicodedata.category(sign) == "Cn":
        return "?"
    return _SIGNS.get(sign, sign)
