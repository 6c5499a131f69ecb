"""What an OpenID Connect provider vouches for opens one session, and only for a checked address."""

from __future__ import annotations

import json
import time

import pytest
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages.access import oidc, session
from storage.accounts import accounts, sessions
from storage.database.connection import Database
from storage.permissions import Role
from tests.pages.access.conftest import Browser

EVE = "eve@example.org"


@pytest.fixture(autouse=True)
def set_up(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.add(db, EVE, Role.ADMIN)
    monkeypatch.setattr(oidc, "is_configured", lambda: True)
    monkeypatch.setattr(oidc, "providers", dict)
    monkeypatch.setattr(oidc, "_spent", {})
    monkeypatch.setattr(oidc, "_begun", time.time() - 3_600)


def cookie(**claims: object) -> str:
    """Sign what Streamlit keeps of an answer."""
    told = {"is_logged_in": True, "email": EVE, "iat": time.time(), "email_verified": True}
    kept = {name: value for name, value in (told | claims).items() if value is not None}
    return create_signed_value(get_cookie_secret(), USER_COOKIE_NAME, json.dumps(kept)).decode()


def ask(browser: Browser, value: str):
    client = browser()
    client.cookies.set(USER_COOKIE_NAME, value)
    return client.get("/login")


def test_an_answer_opens_one_session_and_none_after_the_logout(
    browser: Browser, db: Database
) -> None:
    answer = cookie()
    opened = ask(browser, answer)
    assert opened.status_code == 303
    sessions.end(db, opened.cookies[session.COOKIE])
    again = ask(browser, answer)
    assert again.status_code == 200 and session.COOKIE not in again.cookies
    assert ask(browser, cookie(nonce="another")).status_code == 303


def test_an_answer_of_before_the_server_began_opens_nothing(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "_begun", time.time())
    assert ask(browser, cookie(iat=time.time() - 100)).status_code == 200
    assert ask(browser, cookie()).status_code == 303


@pytest.mark.parametrize("later", [-3_000, 3_000])
def test_nor_does_an_old_one_or_one_to_come(browser: Browser, later: int) -> None:
    assert ask(browser, cookie(iat=time.time() + later)).status_code == 200


@pytest.mark.parametrize("iat", [None, "now"])
def test_nor_does_one_without_a_time(browser: Browser, iat: object) -> None:
    assert ask(browser, cookie(iat=iat)).status_code == 200


@pytest.mark.parametrize("said", [True, "true"])
def test_an_address_that_was_checked_counts(browser: Browser, said: object) -> None:
    assert ask(browser, cookie(email_verified=said)).status_code == 303


@pytest.mark.parametrize("said", [False, None, "false", "", 0, "yes"])
def test_any_other_does_not_and_the_page_says_why(browser: Browser, said: object) -> None:
    refused = ask(browser, cookie(email_verified=said))
    assert refused.status_code == 403 and session.COOKIE not in refused.cookies
    assert f"{EVE} does not count as yours" in refused.text


def test_who_runs_the_server_may_trust_a_provider_that_says_nothing(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(oidc.TRUSTED, "1")
    assert ask(browser, cookie(email_verified=None)).status_code == 303
    assert ask(browser, cookie(email_verified=False)).status_code == 403


def test_a_stranger_can_be_given_an_account_meanwhile(browser: Browser, db: Database) -> None:
    answer = cookie(email="bob@example.org")
    assert ask(browser, answer).status_code == 403
    accounts.add(db, "bob@example.org", Role.ANNOTATOR)
    assert ask(browser, answer).status_code == 303


@pytest.mark.parametrize(
    "email",
    ["eve@example.org ", "\uff45ve@example.org", "eve@e\uff58ample.org", "eve@example\uff0eorg"],
)
def test_an_address_that_is_only_spelled_alike_is_somebody_else_s(
    browser: Browser, db: Database, email: str
) -> None:
    """A provider may let a stranger have it: names fold such spellings, addresses do not."""
    refused = ask(browser, cookie(email=email))
    assert refused.status_code == 403 and session.COOKIE not in refused.cookies


def test_nor_is_one_with_the_sign_for_kelvin_or_a_dotless_i(browser: Browser, db: Database) -> None:
    accounts.add(db, "kit@example.org", Role.ADMIN)
    for email in ("\u212ait@example.org", "k\u0131t@example.org", "k\u0130t@example.org"):
        assert ask(browser, cookie(email=email)).status_code == 403
    assert ask(browser, cookie(email="Kit@Example.ORG")).status_code == 303


@pytest.mark.parametrize("role", Role)
def test_who_comes_by_a_provider_has_the_role_of_the_account(
    browser: Browser, db: Database, role: Role
) -> None:
    accounts.add(db, "rob@example.org", role)
    opened = ask(browser, cookie(email="rob@example.org"))
    found = sessions.find(db, opened.cookies[session.COOKIE])
    assert found and found.person.role is role
