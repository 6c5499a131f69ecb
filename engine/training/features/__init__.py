"""What a head reads of whole texts: a head fitted to it, and texts drawn together in it.

Here: what works on the inputs of a head's last layer. Not here: the loop that uses it.
"""
