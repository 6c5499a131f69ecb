"""Machines that serve one database's queue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.engines.schema.base import Base


class MachineRow(Base):
    """``beats`` grows while the machine lives; the leader sets ``silent``, a beat clears it."""

    __tablename__ = "machines"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    boot_id: Mapped[str] = mapped_column(String(100))
    # Where it sees the folders of runs.
    place: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[Any]]
    gpus: Mapped[list[Any]]
    cores: Mapped[int]
    memory: Mapped[int] = mapped_column(BigInteger)
    beats: Mapped[int] = mapped_column(BigInteger)
    heard_at: Mapped[str] = mapped_column(String(40))
    silent: Mapped[bool]
    trouble: Mapped[str] = mapped_column(Text)
