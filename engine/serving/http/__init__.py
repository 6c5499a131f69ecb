"""Serving over HTTP: what is asked and answered, who may, how much, and what is counted.

Here: forms (`schemas`), limits, metrics and the page that explains them. Not here: who is let in
by which key (the database's, see ``engine.serving.service``), nor models.
"""
