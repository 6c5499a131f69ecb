"""Labels of whole documents: what tasks that give a document labels have in common.

Here: how such marks are matched, counted and told, and the head that gives a text a class. Not
here: what one of these tasks has for itself. The head is a worker's; the rest is light.
"""
