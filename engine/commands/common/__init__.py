"""What several commands share: options, opening a home, following a run, the terminal.

Here: parts of commands. Not here: commands, which register themselves.
"""
