"""What a label is and is not, and sentences that show it, drawn as text: nothing is fetched."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from pages.widgets.common import colors
from pages.widgets.common.spans import CONTEXT, second, window
from storage.knowledge.examples import Kind
from storage.knowledge.versions.said import Said, Shown
from storage.types import Label, Project, Span

STYLE = """
<style>
.ws-guide { display: grid; gap: 1.1rem; margin: 0; padding: 0; }
.ws-guide dt { margin: 0; padding: 0; font-weight: inherit; }
.ws-guide > div { display: grid; grid-template-columns: minmax(7rem, 1fr) 4fr; gap: .3rem 1rem; }
.ws-guide dd { margin: 0; overflow-wrap: anywhere; }
.ws-guide dd > p { margin: 0 0 .25rem; white-space: pre-wrap; }
.ws-guide .ws-none { opacity: .65; }
.ws-guide b { font-weight: 600; }
.ws-guide ul { list-style: none; margin: .35rem 0 0; padding: 0; display: grid; gap: .45rem; }
.ws-guide li { padding-inline-start: .7rem; border-inline-start: 3px solid var(--side); margin: 0; }
.ws-guide li.ws-yes { --side: #1a7f5a; }
.ws-guide li.ws-no { --side: #c0392b; }
.ws-guide q { quotes: none; unicode-bidi: plaintext; white-space: pre-wrap; }
.ws-guide q mark { color: inherit; padding: .05em .25em; border-radius: .25em;
  background: color-mix(in srgb, var(--c) 22%, transparent); border-bottom: 2px solid var(--c); }
.ws-guide li.ws-no q mark { border-bottom-style: dashed; }
.ws-guide small { opacity: .75; }
.ws-guide a { color: inherit; font-size: .8em; margin-inline-start: .5em; }
@media (max-width: 640px) { .ws-guide > div { grid-template-columns: 1fr; } }
</style>
"""


def listing(project: Project, labels: list[tuple[Label, Said]], *, links: bool = True) -> str:
    """Return HTML for labels, each with all that is said of it."""
    rows = "".join(_row(project, label, said, links) for label, said in labels)
    return f'{STYLE}<dl class="ws-guide" style="margin:0;padding:0">{rows}</dl>'


def example(shown: Shown, color: str, link: str = "") -> str:
    """Return HTML for one sentence, the words that it is about marked, with its reason."""
    kind, word = ("ws-yes", "Yes") if shown.kind == Kind.POSITIVE else ("ws-no", "No")
    reason = f" <small>— {escape(shown.reason)}</small>" if shown.reason else ""
    came = f'<a href="{escape(link)}" target="_self">Open</a>' if link else ""
    return (
        f'<li class="{kind}" style="--c:{escape(color)}"><b>{word}:</b> <q dir="auto">'
        f"{_marked(shown)}</q>{second(shown.second_text)}{reason}{came}</li>"
    )


def plain(shown: Shown) -> str:
    """Return HTML for a sentence alone, with what it shows in a word."""
    word = "Yes" if shown.kind == Kind.POSITIVE else "No"
    reason = f" <small>— {escape(shown.reason)}</small>" if shown.reason else ""
    return f'<small>{word}:</small> <bdi dir="auto">{_marked(shown)}</bdi>{reason}'


def _marked(shown: Shown) -> str:
    text = shown.text
    if shown.start is None or shown.end is None:
        cut = text[: 4 * CONTEXT]
        return escape(cut) + ("…" if len(text) > len(cut) else "")
    first, last = window(text, [Span(shown.start, shown.end, "")])
    before, mark, after = (
        escape(part)
        for part in (
            text[first : shown.start],
            text[shown.start : shown.end],
            text[shown.end : last],
        )
    )
    ends = "…" if first else "", "…" if last < len(text) else ""
    return f"{ends[0]}{before}<mark>{mark}</mark>{after}{ends[1]}"


def _row(project: Project, label: Label, said: Said, links: bool) -> str:
    key = f" <small>key {escape(label.key)}</small>" if label.key else ""
    lines = [escape(said.description)] if said.description else []
    lines += [f"<b>For example:</b> {escape(said.positive)}"] if said.positive else []
    lines += [f"<b>But not:</b> {escape(said.negative)}"] if said.negative else []
    text = "".join(f'<p dir="auto">{line}</p>' for line in lines)
    shown = "".join(
        example(each, label.color, _link(project, each) if links else "")
        for each in sorted(said.examples, key=lambda each: each.kind != Kind.POSITIVE)
    )
    text += f"<ul>{shown}</ul>" if shown else ""
    none = '<p class="ws-none">Not described yet.</p>'
    chip = colors.chip(label.name, label.color, colors.current())
    return f"<div><dt>{chip}{key}</dt><dd>{text or none}</dd></div>"


def _link(project: Project, shown: Shown) -> str:
    """Return where the sentence came from, "" where that is not there any more."""
    if shown.document is None:
        return ""
    return f"tag?{urlencode({'project': project.id, 'document': shown.document})}"
