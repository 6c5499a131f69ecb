"""What a model says of a whole text: its labels and next guesses with their chances, as bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import pandas as pd
import streamlit as st

from pages.widgets.common import colors, tables
from pages.widgets.common.words import count
from storage.types import Document, Span
from storage.words import Words

GREY = "#808080"
# So many bars are seen at once; the table has all guesses.
SHOWN = 5
STYLE = """
<style>
.ws-chances { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr 4.5ch;
  gap: .45rem .8rem; align-items: center; list-style: none;
  margin: 0 !important; padding: 0 !important; }
.ws-chances li { display: contents; }
.ws-chances .ws-name { overflow-wrap: anywhere; max-width: 22rem; }
.ws-chances .ws-given .ws-name { font-weight: 600; }
.ws-chances .ws-next { opacity: .72; }
.ws-track { height: .65rem; border-radius: .33rem; overflow: hidden;
  background: color-mix(in srgb, currentColor 10%, transparent); }
.ws-fill { display: block; height: 100%; border-radius: .33rem; background: var(--c); }
.ws-chances b { font-variant-numeric: tabular-nums; font-weight: 600; text-align: end; }
@media (max-width: 480px) {
  .ws-chances { display: block; }
  .ws-chances li { display: grid; grid-template-columns: 1fr 4.5ch; gap: .2rem .5rem;
    margin: 0 0 .7rem !important; }
  .ws-track { grid-column: 1 / -1; order: 1; }
  .ws-chances .ws-name { max-width: none; }
}
</style>
"""
COLUMNS = {
    "label": st.column_config.TextColumn("{Label}"),
    "given": st.column_config.TextColumn("", help="Given: what the model would answer."),
    "score": st.column_config.ProgressColumn(
        "Sure", help="The model's probability, 1 is certain", format="%.3f", min_value=0.0,
        max_value=1.0,
    ),
}  # fmt: skip


def show(
    document: Document, guesses: Sequence[Span], paint: Mapping[str, str], said: Words
) -> None:
    """Show the answer of a model, and what it would say next."""
    given = sorted(document.spans, key=lambda span: -(span.score or 0))
    if not given:
        st.markdown(f"**None of the {said.label}s**: each is less likely than its threshold.")
    best = [*[(span, True) for span in given], *[(span, False) for span in guesses]]
    st.html(STYLE + bars(best[: max(SHOWN, len(given))], paint))
    chosen = count(len(given), said.label)
    st.caption(f"{chosen} given; what is pale the model would say next. The number is its chance.")
    rows = [(span.label, "given" if is_given else "", span.score) for span, is_given in best]
    with st.expander("As a table", icon=":material/table_rows:"):
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        tables.show(
            frame,
            hide_index=True,
            column_config={
                name: {**one, "label": said.fill(str(one["label"]))}
                for name, one in COLUMNS.items()
            },
        )


def bars(best: Sequence[tuple[Span, bool]], paint: Mapping[str, str]) -> str:
    """Return a list of labels as HTML, each with a bar as long as its chance."""
    theme = colors.current()
    found = []
    for span, given in best:
        color = colors.nearest_good(paint.get(span.label) or GREY)
        found.append((colors.chip(span.label, color, theme), color, span.score or 0.0, given))
    return listed(found)


def listed(rows: Iterable[tuple[str, str, float, bool]]) -> str:
    """Return rows as HTML: what each says (HTML itself), its colour, its chance, if it is given."""
    lines = []
    for said, color, chance, given in rows:
        share = min(max(chance, 0.0), 1.0)
        lines.append(
            f'<li class="{"ws-given" if given else "ws-next"}">'
            f'<span class="ws-name" dir="auto">{said}</span>'
            f'<span class="ws-track" aria-hidden="true" style="--c:{escape(color)}">'
            f'<i class="ws-fill" style="width:{100 * share:.1f}%"></i></span>'
            f"<b>{share:.2f}</b></li>"
        )
    return f'<ul class="ws-chances">{"".join(lines)}</ul>'
