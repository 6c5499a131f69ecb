"""Whetstone as a program of one's own computer: its command, its window, its icon.

No page and no route: what is here runs before there is a server, or beside it.
"""
