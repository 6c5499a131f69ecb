"""HTML: one file that needs nothing else, to be read, sent and printed.

It has no script and asks no other host for anything; a policy in its head forbids both, should
a name ever find a way through the escaping. Light and dark follow the reader's system.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.evaluation import ordering
from engine.evaluation.confusion import Confusion
from engine.evaluation.figures import LABELS
from engine.exports import contents, drawing
from engine.exports.contents import Figure, Row
from engine.exports.markup import name, text
from engine.exports.subject import Subject

STYLE = Path(__file__).with_name("page.css")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
# Longer tables are folded away.
LONG = 24
SHOWN = 8
# A picture of more labels takes the width of the window.
LARGE = 12


def render(subject: Subject) -> str:
    """Return the whole page."""
    return whole(contents.title(subject), lines(subject))


def lines(subject: Subject) -> Iterator[str]:
    """Yield what stands on the page, between its head and its end."""
    yield from _head(subject)
    for split, scores in subject.scores.items():
        yield from _split(split, scores, subject)
    yield from _made(subject)


def whole(title: str, told: Iterable[str]) -> str:
    """Return a page of this look around parts of HTML; ``title`` is plain text."""
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{text(title)}</title>",
            f"<style>{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>",
            *told,
            "</main>\n</body>\n</html>\n",
        ]
    )


def _head(subject: Subject) -> Iterator[str]:
    yield f'<header><p class="eyebrow">Whetstone report · {text(subject.title)}</p>'
    yield f"<h1>{name(subject.project)}</h1>"
    facts = dict(contents.facts(subject))
    told = (facts.get("Base model"), facts.get("Learned from"))
    yield f'<p class="soft">{" · ".join(text(each) for each in told if each)}</p></header>'


def _split(split: str, scores: Mapping[str, Any], subject: Subject) -> Iterator[str]:
    documents = scores.get("documents")
    size = f" <small>{documents:,} documents</small>" if isinstance(documents, int) else ""
    yield f"<section><h2>{text(split.capitalize())}{size}</h2>"
    yield f'<p class="finding">{text(contents.finding(scores, subject.words))}</p>'
    yield f'<div class="figures">{"".join(map(_figure, contents.headline(scores)))}</div>'
    labels, *others = sorted(scores["tables"], key=lambda table: table["name"] != LABELS)
    yield from _figures(labels)
    yield from _confusion(split, scores)
    for table in others:
        yield from _figures(table)
    if more := contents.besides(scores):
        yield _folded("Besides", _list(more))
    yield from (f'<p class="soft">{text(each)}</p>' for each in contents.checked(scores))
    yield "</section>"


def _figure(figure: Figure) -> str:
    about = f' title="{text(figure.about)}"' if figure.about else ""
    return (
        f'<div class="figure"{about}><span>{text(figure.title)}</span>'
        f"<strong>{figure.text}</strong><small>{text(figure.over)}</small></div>"
    )


def _figures(table: Mapping[str, Any]) -> Iterator[str]:
    rows = list(contents.rows(table))
    head = [table["item"]["title"], *contents.COLUMNS]
    body = "".join(map(_row, rows))
    about = f'<p class="soft">{text(table["about"])}</p>' if table.get("about") else ""
    grid = about + _table(head, body, "rates")
    folded = len(rows) > LONG and table["name"] != LABELS
    yield _folded(table["title"], grid) if folded else f"<h3>{text(table['title'])}</h3>{grid}"


def _table(head: Iterable[str], body: str, kind: str) -> str:
    inside = f"{_titles(head)}<tbody>{body}</tbody>"
    return f'<div class="wide"><table class="{kind}">{inside}</table></div>'


def _folded(title: str, inside: str) -> str:
    return f"<details><summary><h3>{text(title)}</h3></summary>{inside}</details>"


def _titles(head: Iterable[str]) -> str:
    cells = "".join(f'<th scope="col">{text(each)}</th>' for each in head)
    return f"<thead><tr>{cells}</tr></thead>"


def _row(row: Row) -> str:
    precision, recall, f1, support = row.texts
    bar = f'<i style="width:{100 * row.figures["f1"]:.1f}%"></i>'
    kind = ' class="average"' if row.is_average else ""
    return (
        f'<tr{kind}><th scope="row">{name(row.name)}</th><td>{precision}</td><td>{recall}</td>'
        f'<td class="bar"><b>{bar}</b>{f1}</td><td>{support}</td></tr>'
    )


def _confusion(split: str, scores: Mapping[str, Any]) -> Iterator[str]:
    table = ordering.grouped(Confusion.of(scores))
    title = f"Confusion table, {split}"
    yield "<h3>Confusion</h3>"
    yield (
        '<p class="soft">Rows are what people labelled (gold), columns what the model said. On the '
        "diagonal both agree; the last column was missed, the last row found where nothing is "
        "labelled. Colour follows the share of a row.</p>"
    )
    large = len(table.labels) > LARGE
    yield f'<div class="{"" if large else "beside"}">'
    kind = "wide picture large" if large else "wide picture"
    yield f'<div class="{kind}" role="group" tabindex="0" aria-label="{title}">'
    yield f"{drawing.draw(table, title, text(split))}</div>"
    if wrong := contents.mistakes(scores):
        rows = "".join(_pair(each, f"{count:,}") for each, count in wrong[:SHOWN])
        grid = _table(["What went wrong most", "Times"], rows, "mistakes")
        yield f'<div class="list">{grid}<p class="soft">{contents.rest(wrong[SHOWN:])}</p></div>'
    yield "</div>"
    if kinds := contents.kinds(scores):
        yield _table(list(contents.KINDS), "".join(map(_kind, kinds)), "rates")


def _kind(row: Sequence[str]) -> str:
    numbers = "".join(f"<td>{text(each)}</td>" for each in row[1:])
    return f'<tr><th scope="row">{text(row[0])}</th>{numbers}</tr>'


def _pair(title: str, value: str) -> str:
    return f'<tr><th scope="row">{name(title)}</th><td>{text(value)}</td></tr>'


def _made(subject: Subject) -> Iterator[str]:
    yield "<section><h2>How it was made</h2>"
    yield _list(contents.facts(subject))
    head, rows = contents.data(subject)
    if rows:
        yield f"<h3>Data</h3>{grid(head, rows)}"
    yield _folded("Settings", _list(contents.settings(subject)))
    yield _folded("Versions", _list(contents.versions(subject)))
    yield "</section><section><h2>Limits</h2><ul>"
    yield from (f"<li>{text(each)}</li>" for each in contents.limits(subject))
    yield "</ul></section>"


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose first column holds names, and the others plain text."""
    cells = (
        f'<tr><th scope="row">{name(first)}</th>'
        f"{''.join(f'<td>{text(each)}</td>' for each in others)}</tr>"
        for first, *others in rows
    )
    return _table(head, "".join(cells), "data")


def _list(pairs: Iterable[tuple[str, str]]) -> str:
    rows = (f"<div><dt>{text(title)}</dt><dd>{text(value)}</dd></div>" for title, value in pairs)
    return f"<dl>{''.join(rows)}</dl>"
