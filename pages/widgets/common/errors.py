"""How a page shows an error: one sentence, never a stack trace, which is the log's."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from uuid import uuid4

import streamlit as st

from storage.errors import WhetstoneError


def show(error: Exception) -> bool:
    """Show an error as a sentence; one that nobody expected has a reference to its log."""
    if isinstance(error, WhetstoneError):
        st.error(literal(str(error)), icon=":material/error:")
        return True
    reference = uuid4().hex[:8]
    logging.getLogger("whetstone").error("Reference %s", reference, exc_info=error)
    st.error(
        "Something went wrong that should not have: a fault of Whetstone. What was saved is "
        "safe. Reload the page; if it happens again, report it with what the window in which "
        f'Whetstone was started says beside "Reference {reference}".',
        icon=":material/error:",
    )
    return True


def attempt(act: Callable[[], object]) -> bool:
    """Do something; where it is refused say why, and return False."""
    try:
        act()
    except WhetstoneError as error:
        show(error)
        return False
    return True


def literal(text: str) -> str:
    """Return Markdown that shows a text exactly as it is: names, labels, messages.

    A backslash stops what Markdown would interpret. What Streamlit makes of plain text
    afterwards (arrows of "->", icons of ":name:", links of addresses) only a seam stops: a
    directive that sets no colour of no text, and leaves nothing to see or to copy. Not for
    ``st.badge``, which escapes for itself.
    """
    return _INDENT.sub(_as_reference, _SEAMS.sub(SEAM, _SIGNS.sub(r"\\\g<0>", text)))


SEAM = ":color[]"
_SIGNS = re.compile(r"[\\`*_{}\[\]()<>#+\-.!|~$:&=/@]")
# Between two signs, both escaped by now: of an arrow, of "https://", before an "@" and the dot
# of "www."; behind a colon that could begin the name of an icon.
_SEAMS = re.compile(
    r"(?<=\\[<>~-])(?=\\[-=>])|(?<=:)(?=\\/\\/)|(?=\\@)|(?<=www)(?=\\\.)|(?<=\\:)(?=[\w+\\-])",
    re.IGNORECASE,
)
# Four spaces or a tab at the start of a line would make it code.
_INDENT = re.compile(r"^(?= {4}| {0,3}\t)[ \t]", re.MULTILINE)


def _as_reference(space: re.Match[str]) -> str:
    return f"&#{ord(space[0])};"
