"""Suspects weighed anew once labels are others. NumPy only.

Here: what leans on which label, and what it is for marks of whole documents. Marks that have a
place weigh each other besides, as their task says; who does it, and when: ``engine.coach.renewal``.
"""
