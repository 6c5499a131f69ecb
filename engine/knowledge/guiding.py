"""A guideline as a file, with all its versions and examples: Markdown, one HTML page, or JSON.

Its text is Markdown that people wrote, and stays that in Markdown, but for pictures, which would be
fetched from their hosts; in HTML it is shown as it was written. All else of people's is never
markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.exports import page
from engine.exports.markdown import bullets, join, literal
from engine.exports.markup import name, text
from storage.knowledge.versions import difference
from storage.knowledge.versions.difference import Changed
from storage.knowledge.versions.said import Said, Shown, Version

WORDS = {"positive": "Yes", "negative": "No"}
NOTHING = "Not described yet."
AS_BEGUN = "As it began"


@dataclass(frozen=True, slots=True)
class Guideline:
    """A project's guideline as a file tells it: its versions, the one in force first."""

    project: str
    versions: Sequence[Version]

    @property
    def title(self) -> str:
        return f"{self.project}: guideline"

    @property
    def present(self) -> Version:
        return self.versions[0]


def tame(markdown: str) -> str:
    """Return Markdown whose pictures are links: a picture would be fetched from its host.

    An invisible word joiner parts "!" from "[", which no escape around them can undo.
    """
    return re.sub(r"!(?=\[)", "!\u2060", markdown)


def as_markdown(guide: Guideline) -> str:
    """Return the guideline in Markdown, its history at the end."""
    present = guide.present
    parts = [f"# {literal(guide.title)}", literal(_made(present)), tame(present.text).strip()]
    parts.append("## Labels")
    for label in present.labels:
        parts += _markdown(label)
    parts.append("## Versions")
    for version, older in _pairs(guide):
        parts += [f"### {literal(_made(version))}", literal(version.note or AS_BEGUN)]
        parts += _changes(version, older)
    return join(parts)


def _markdown(label: Said) -> Iterator[str]:
    yield f"### {literal(label.name)}"
    said = bullets(f"{title}: {words}" for title, words in _words(label))
    yield said or ("" if label.examples else NOTHING)
    yield "\n".join(f"- {_sentence(shown)}" for shown in label.examples)


def _sentence(shown: Shown) -> str:
    before, mark, after = (_spaced(literal, part) for part in _parts(shown))
    # A mark of the whole text would be all of it in bold.
    said = f"{before}**{mark}**{after}" if before or after else mark
    second = f" / {literal(shown.second_text)}" if shown.second_text else ""
    return f"{WORDS[shown.kind]}: {said}{second}{_reason(literal(shown.reason))}"


def _changes(version: Version, older: Version | None) -> Iterator[str]:
    if older is None:
        return
    found = difference.between(older, version)
    changed = "\n".join(f"{line.sign} {line.text}" for line in found.lines if line.sign != " ")
    if changed:
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", changed)), 3)
        yield f"{fence}diff\n{changed}\n{fence}"
    yield bullets(line for each in found.labels for line in _lines(each))


def _lines(changed: Changed) -> Iterator[str]:
    for title, before, after in changed.words:
        yield f"{changed.name}, {title.lower()}: {before or '–'} → {after or '–'}"
    for sign, shown in (("came", changed.added), ("went", changed.removed)):
        for each in shown:
            yield f"{changed.name}, example {sign}: {each.text}{_reason(each.reason)}"


def as_html(guide: Guideline) -> str:
    """Return the guideline as one page that needs nothing else."""
    present = guide.present
    head = f'<header><p class="eyebrow">Guideline</p><h1>{name(guide.project)}</h1>'
    parts = [f'{head}<p class="soft">{text(_made(present))}</p></header>']
    if present.text.strip():
        parts.append(f'<section><p style="white-space:pre-wrap">{text(present.text)}</p></section>')
    parts.append("<section><h2>Labels</h2>")
    parts += [line for label in present.labels for line in _html(label)]
    parts.append("</section><section><h2>Versions</h2>")
    for version, older in _pairs(guide):
        parts.append(f"<h3>{text(_made(version))}</h3><p>{text(version.note or AS_BEGUN)}</p>")
        parts += _html_changes(version, older)
    return page.whole(guide.title, [*parts, "</section>"])


def _html(label: Said) -> Iterator[str]:
    yield f"<h3>{name(label.name)}</h3>"
    words = [f"<li>{text(title)}: {text(said)}</li>" for title, said in _words(label)]
    shown = [f"<li>{_html_sentence(each)}</li>" for each in label.examples]
    yield f"<ul>{''.join([*words, *shown])}</ul>" if words or shown else f"<p>{NOTHING}</p>"


def _html_sentence(shown: Shown) -> str:
    before, mark, after = (_spaced(text, part) for part in _parts(shown))
    second = f" / <bdi>{text(shown.second_text)}</bdi>" if shown.second_text else ""
    said = f"<bdi>{before}<mark>{mark}</mark>{after}</bdi>{second}"
    return f"<strong>{WORDS[shown.kind]}</strong>: {said}{text(_reason(shown.reason))}"


def _html_changes(version: Version, older: Version | None) -> Iterator[str]:
    found = difference.between(older, version) if older else None
    if found is None:
        return
    tags = {"+": "ins", "-": "del"}
    rows = (
        f"<li><{tags[line.sign]}>{text(line.text)}</{tags[line.sign]}></li>"
        for line in found.lines
        if line.sign in tags
    )
    said = (f"<li>{text(line)}</li>" for each in found.labels for line in _lines(each))
    yield f"<ul>{''.join([*rows, *said])}</ul>"


def as_json(guide: Guideline) -> str:
    """Return the guideline as JSON: each version whole."""
    return json.dumps(payload(guide), ensure_ascii=False, indent=2) + "\n"


def payload(guide: Guideline) -> dict[str, Any]:
    """Return the guideline as JSON's objects."""
    return {"project": guide.project, "versions": [asdict(each) for each in guide.versions]}


FORMATS: Mapping[str, Callable[[Guideline], str]] = {
    "markdown": as_markdown,
    "html": as_html,
    "json": as_json,
}


def _pairs(guide: Guideline) -> Iterator[tuple[Version, Version | None]]:
    yield from zip(guide.versions, [*guide.versions[1:], None], strict=True)


def _words(label: Said) -> list[tuple[str, str]]:
    pairs = zip(difference.FIELDS, label.words, strict=True)
    return [(title, words) for title, words in pairs if words]


def _parts(shown: Shown) -> tuple[str, str, str]:
    """Return a sentence as what stands before its mark, the mark, and what stands behind it."""
    if shown.start is None or shown.end is None:
        return "", shown.text, ""
    return shown.text[: shown.start], shown.text[shown.start : shown.end], shown.text[shown.end :]


def _spaced(write: Callable[[str], str], part: str) -> str:
    """Return a part of a sentence as it is written, with the spaces around it, which that drops."""
    first, last = (" " if each.isspace() else "" for each in (part[:1], part[-1:]))
    return f"{first}{write(part)}{last}" if part.strip() else first


def _reason(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _made(version: Version) -> str:
    parts = [f"Version {version.number}", version.author, version.created_at[:10]]
    return ", ".join(filter(None, parts))
