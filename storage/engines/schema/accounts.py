"""Who may sign in on a shared server, and who has."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import IDS_ONCE, Base, parent


class AccountRow(Base):
    """``folded`` is the name in one case, so that no two look alike; ``password`` its hash.

    An empty password fits none: such an account signs in by a provider.
    """

    __tablename__ = "accounts"
    __table_args__ = (IDS_ONCE,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    folded: Mapped[str] = mapped_column(String(400), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str] = mapped_column(Text)
    created_at: Mapped[str] = mapped_column(String(40))


class SignInRow(Base):
    """A session: the hash of its token, and when it was begun and last used, in Unix seconds."""

    __tablename__ = "sign_ins"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = parent("accounts", index=True)
    begun_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)
