"""Several people on one project: whose labels count, who gets what, and what they say.

Here: how several people's annotations of one document become one, and what is kept beside them.
Not here: one annotator's edits of one document (journal/), the measures of how far people agree
(engine/agreement/).
"""
