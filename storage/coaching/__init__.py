"""What the coach reads and leaves: its run, what people made of suggestions, what it may do.

The coach learns while people tag (``engine/coach``). Its suggestions are stored like those of any
model (``storage/runs/suggestions``); what it learned lies in files of its own.
"""
