"""The coach: a light learner that goes on learning while people tag, and suggests what comes next.

One process a project (``worker``), started and followed by the server (``registry``), which loads
nothing heavy itself. A frozen encoder reads each text once (``reading``) and what it makes of it
stays on the disk (``hidden_states``); on top of that a ridge (``regression``) learns each finished
document, and takes one back that was changed, exactly. So what it suggests follows from the
documents that are finished now, in whatever order, and however often it was killed. What it knows
is ``learning``'s, what it says ``suggesting``'s; documents are read by portions, never all.
"""
