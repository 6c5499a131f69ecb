"""The confusion table of two people: what one said, by what the other said of the same places."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import streamlit as st

from engine.agreement import gamma, unitizing
from engine.agreement.gamma import Gamma
from engine.agreement.pairs import Pair
from engine.agreement.unitizing import Unitized
from engine.agreement.versions import Versions
from engine.evaluation.confusion import Confusion
from engine.inspection.agreement.comparing import Compared
from pages.widgets.agreement import chosen, sentences, words
from pages.widgets.agreement.chosen import NO_RUN, NO_SPLIT, Shown
from pages.widgets.common.errors import literal
from pages.widgets.common.words import count
from pages.widgets.common.words import of as words_of
from pages.widgets.confusion import component
from pages.widgets.parts import choice, table
from storage.cells import Cell, Only
from storage.types import Project

# What stands for the side that has said nothing.
NOTHING = "(nothing)"
EXPLANATION = (
    "On the diagonal both said the same. The last column has what only the first gave, the last "
    "row what only the second gave. Colour follows the share of a row."
)


def listen(project: Project, found: Compared) -> None:
    """Open what was clicked."""
    pair = chosen.open_pair(found)
    key = _key(found, pair)
    cell = choice.fresh(key, (st.session_state.get(key) or {}).get("cell"))
    if isinstance(cell, Mapping):
        only = Only(cell["only"]) if cell["only"] in set(Only) else Only.ALL
        part = Cell(NO_RUN, NO_SPLIT, cell["gold"], cell["predicted"], only)
        chosen.put(found, pair, part)


def draw(shown: Shown) -> None:
    """Draw the choice of two people, their table, and their figures."""
    _choose(shown)
    first, second = map(literal, shown.names)
    found = shown.confusion
    said = words_of(shown.project)
    if not found.labels:
        st.info(said.fill("Neither of the two has given a {mark} in what both finished."))
    else:
        key = _key(shown.found, shown.pair)
        component.mount({**_described(shown, found), "unit": said.unit}, key)
        st.caption(
            f"Rows: {first}. Columns: {second}. Click a cell, a name or a sum to read its "
            f"{said.documents}.",
            help=EXPLANATION,
        )
    st.markdown(words.of_pair(shown))
    if not shown.found.versions.whole:
        _continua(shown)


def _described(shown: Shown, found: Confusion) -> dict[str, Any]:
    """Return the component's data in the words of two people, of whom neither is right."""
    data = table.describe(found, shown.part)
    first, second = shown.names
    titles = {"gold": first, "predicted": second, "spurious": NOTHING, "missed": NOTHING}
    titles |= {"mistakes": "Most frequent differences", "none": "No differences"}
    mistakes = [
        (gold, predicted, only, sentences.title(Cell(NO_RUN, NO_SPLIT, gold, predicted, only)), n)
        for gold, predicted, only, _, n in data["mistakes"]
    ]
    return {**data, "titles": titles, "mistakes": mistakes}


def _choose(shown: Shown) -> None:
    """Let a person choose who is held against whom."""
    pairs, names = shown.found.pairs, shown.found.versions.people
    known = [place for place, pair in enumerate(pairs) if pair.documents]
    here = next(place for place in known if pairs[place] is shown.pair)
    st.session_state["agreement-pair"] = here
    st.selectbox(
        "Between",
        known,
        format_func=lambda place: f"{names[pairs[place].a]} – {names[pairs[place].b]}",
        label_visibility="collapsed",
        width=320,
        key="agreement-pair",
        on_change=_take,
        args=(shown.found,),
    )


def _take(found: Compared) -> None:
    pair = found.pairs[st.session_state["agreement-pair"]]
    chosen.put(found, pair, chosen.errors_of(""))


def _continua(shown: Shown) -> None:
    """Say αU and γ, which are of where marks are."""
    pair = shown.found.versions.of_people([shown.pair.a, shown.pair.b])
    alpha, found = _of_places(pair, (shown.found.stamp, shown.pair.a, shown.pair.b))
    sure = words.interval(alpha.low[0], alpha.high[0])
    said = f"αU {words.figure(alpha.values[0])} {sure}".rstrip()
    if found.value is None or found.low is None or found.high is None:
        said += f" · γ {words.NOTHING if found.value is None else f'{found.value:.2f}'}"
    else:
        said += f" · γ {found.value:.2f} {words.interval(found.low, found.high)}"
    if found.drawn_from > found.documents:
        said += f" (γ over {count(found.documents, 'document')} that were drawn)"
    if shown.found.people > 2:
        said += ". γ is of two people: for more at once it is not computed"
    st.caption(
        f"Of where marks are, these two: {said}.",
        help="αU is Krippendorff's for units in a continuum (2004), γ that of Mathet, Widlöcher "
        "and Métivier (2015), which aligns the marks first.",
    )


@st.cache_resource(max_entries=4 * chosen.KEPT, show_spinner="Aligning the marks of the two …")
def _of_places(_pair: Versions, key: Hashable) -> tuple[Unitized, Gamma]:
    return unitizing.alpha(_pair), gamma.gamma(_pair)


def _key(found: Compared, pair: Pair) -> str:
    names = found.versions.people
    return f"agreement-confusion-{names[pair.a]}-{names[pair.b]}"
