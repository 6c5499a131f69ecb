"""How the store is: versions, room, checks, copies, who holds it. Nothing is changed by a look.

Here: what is found, and what it means in sentences. Not here: how a page or a shell shows it.
"""
