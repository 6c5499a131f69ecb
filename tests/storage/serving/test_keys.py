"""API keys: shown once, kept as a hash, taken back."""

import pytest
from sqlalchemy import select

from storage.corpus import projects
from storage.engines.schema import ApiKeyRow
from storage.errors import InputError, NotFoundError
from storage.serving import keys


def test_a_secret_opens_until_it_is_revoked_and_is_never_stored(db, project):
    assert not keys.are_asked_for(db, project.id) and not keys.open_it(db, project.id)
    made, secret = keys.issue(db, project.id, "shop")
    asked = [secret, secret[:-1], "wst_\ud800", "", made.start]
    assert keys.find(db, project.id, asked) == {secret: made.id}
    assert keys.find(db, project.id + 1, asked) == {} and secret.startswith(made.start)
    with db.read() as session:
        row = session.scalars(select(ApiKeyRow)).one()
        stored = [str(getattr(row, column.key)) for column in ApiKeyRow.__table__.columns]
    assert not any(secret in value for value in stored)
    keys.mark_used(db, [made.id])
    assert keys.list_keys(db, project.id)[0].used_at and keys.open_it(db, project.id)
    keys.revoke(db, made.id)
    assert keys.find(db, project.id, asked) == {} and not keys.open_it(db, project.id)
    assert keys.list_keys(db, project.id)[0].revoked_at


def test_a_project_whose_keys_are_all_revoked_stays_closed(db, project):
    made, _ = keys.issue(db, project.id, "shop")
    keys.revoke(db, made.id)
    assert keys.are_asked_for(db, project.id)


def test_keys_go_with_their_project(db, project):
    _, secret = keys.issue(db, project.id, "shop")
    projects.delete_project(db, project.id)
    assert keys.find(db, project.id, [secret]) == {}


def test_a_key_has_a_name_and_is_there(db, project):
    with pytest.raises(InputError):
        keys.issue(db, project.id, " ")
    with pytest.raises(NotFoundError):
        keys.revoke(db, 9)
