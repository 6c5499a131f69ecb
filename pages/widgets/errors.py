"""How a page shows an error: one sentence, never a stack trace, for what a person can mend."""

from __future__ import annotations

import streamlit as st

from storage.errors import WhetstoneError


def show(error: Exception) -> bool:
    """Show our own errors as a sentence; leave every other to Streamlit. Return whether shown."""
    if not isinstance(error, WhetstoneError):
        return False
    st.error(literal(str(error)), icon=":material/error:")
    return True


def literal(text: str) -> str:
    """Escape what Markdown would interpret: file names, labels and texts are shown as they are."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~$:&" else c for c in text)
