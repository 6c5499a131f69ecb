"""Passwords: hashed with argon2id (RFC 9106) by argon2-cffi, with its own parameters."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from storage.errors import InputError

SHORTEST, LONGEST = 10, 1_000
_hasher = PasswordHasher()


def hash_of(password: str, name: str = "") -> str:
    """Return what is kept of a password; raise InputError for one that is easily guessed."""
    if len(password) < SHORTEST:
        raise InputError(f"The password is too short: use at least {SHORTEST} characters.")
    if len(password) > LONGEST:
        raise InputError(f"The password is too long: use at most {LONGEST:,} characters.")
    folded = password.casefold()
    if len(set(folded)) < 4 or (name and name.casefold() in folded and len(name) > SHORTEST // 2):
        raise InputError("The password is easily guessed: use several words, without the name.")
    return anew(password)


def anew(password: str) -> str:
    """Return the hash of a password that was taken before, with the parameters of today."""
    return _hasher.hash(_bytes(password))


def fits(password: str, kept: str) -> bool:
    """Tell whether a password is the one that was kept; where none was it takes as long."""
    known = kept or _nobodys()
    if len(password) > LONGEST:
        password = ""
    try:
        return _hasher.verify(known, _bytes(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with other parameters than are used today."""
    return _hasher.check_needs_rehash(kept)


def _bytes(password: str) -> bytes:
    # Half a surrogate pair has no UTF-8; a password may be anything that a keyboard sends.
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    """Return the hash of a password that nobody has: unknown names take as long as known ones."""
    return _hasher.hash(secrets.token_bytes(16))
