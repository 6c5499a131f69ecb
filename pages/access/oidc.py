"""Signing in by an OpenID Connect provider: Streamlit's own (``st.login``), where it is set up.

Streamlit talks to the provider and leaves a signed cookie with what that vouches for. Here it is
exchanged, once and soon, for a session of ours, which can be ended; who may come in, and in
which role, says the account with the verified e-mail address as its name.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping
from typing import Any

from streamlit import auth_util
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from storage.errors import ForbiddenError

# A cookie is good for one exchange, right after the provider has answered.
FRESH_SECONDS = 300
DEFAULT = "default"
# For a provider that tells only addresses that it has checked, and does not say so.
TRUSTED = "WHETSTONE_TRUST_EMAIL"
UNVERIFIED = (
    "{} does not count as yours: who you signed in with does not say that the address was checked. "
    "Have it checked there, or ask an admin; where the provider checks every address, the server "
    f"is started with {TRUSTED}=1."
)


class UnverifiedError(ForbiddenError):
    """A provider names an address, and does not say that it belongs to whoever signed in."""


# Which cookies were exchanged, and when; those of before this process began are not taken.
_spent: dict[str, float] = {}
_begun = time.time()
_spending = threading.Lock()


def is_configured() -> bool:
    """Tell whether ``.streamlit/secrets.toml`` sets up a provider."""
    try:
        found = secrets_singleton.load_if_toml_exists()
    except PermissionError:
        # Of the places where it may lie, one belongs to somebody else: nothing is set up there.
        return False
    return found and bool(auth_util.get_secrets_auth_section())


def providers() -> dict[str, str]:
    """Return what each provider is called, and the address that begins signing in by it."""
    if not is_configured():
        return {}
    section = auth_util.get_secrets_auth_section().to_dict()
    named = [name for name, value in section.items() if isinstance(value, dict)]
    found = named or ([DEFAULT] if "client_id" in section else [])
    return {name: f"auth/login?provider={auth_util.encode_provider_token(name)}" for name in found}


def vouched(cookies: Mapping[str, str]) -> str:
    """Return the e-mail address that a provider vouched for just now, empty where none did.

    Raises UnverifiedError where the provider does not say that the address was checked.
    """
    if not is_configured() or not cookies.get(USER_COOKIE_NAME):
        return ""
    raw = _raw(cookies)
    told = _object(raw)
    at, email = told.get("iat"), told.get("email")
    fresh = isinstance(at, int | float) and abs(time.time() - at) <= FRESH_SECONDS
    good = fresh and at >= int(_begun) and _fingerprint(raw) not in _spent
    if not (good and told.get("is_logged_in") is True and isinstance(email, str)):
        return ""
    if not _is_verified(told):
        raise UnverifiedError(UNVERIFIED.format(email))
    return email


def spend(cookies: Mapping[str, str]) -> bool:
    """Use up what a provider vouched for: after a logout it opens nothing; False if it was."""
    key, now = _fingerprint(_raw(cookies)), time.time()
    with _spending:
        if key in _spent:
            return False
        for old in [each for each, at in _spent.items() if now - at > 2 * FRESH_SECONDS]:
            del _spent[old]
        _spent[key] = now
    return True


def _is_verified(told: Mapping[str, Any]) -> bool:
    said = told.get("email_verified")
    # Some providers write it as a word.
    return said is True or said == "true" or (said is None and os.environ.get(TRUSTED) == "1")


def _raw(cookies: Mapping[str, str]) -> bytes | None:
    return auth_util.get_cookie_with_chunks(lambda name: _signed(cookies, name), USER_COOKIE_NAME)


def _fingerprint(raw: bytes | None) -> str:
    return hashlib.sha256(raw or b"").hexdigest()


def _signed(cookies: Mapping[str, str], name: str) -> bytes | None:
    value = cookies.get(name)
    if value is None:
        return None
    return decode_signed_value(get_cookie_secret(), name, value.encode("latin-1", "replace"))


def _object(raw: bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
