"""The routes of talk beside a text: what was said there, saying something, resolving."""
