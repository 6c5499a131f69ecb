"""The routes of talk beside a text: what was said there, saying something, resolving."""

from pages.routes.talk.talking import routes

__all__ = ["routes"]
