"""The journal: what an edit is, when it is good, what takes it back, and where it is kept.

``operations`` has the kinds of edit, one class each; ``editing`` applies one to a state, without a
database; ``annotations`` opens a document and takes edits of it; ``recording``, ``loading`` and
``writing`` do that inside a transaction; ``stacks`` and ``steps`` are undo; ``wire`` is the JSON
that the tagger works on.

Here: one annotator's work on one document. Not here: many documents at once (actions/).
"""
