"""A project in one file, with all that belongs to it: made here, opened on another machine.

A zip of JSON Lines, one file a table, the folders of the project's runs, and a manifest with
the database's revision and a hash of each file. The manifest comes last: without it an archive is
not whole.
"""
