"""What a label check suspects is weighed anew while people mend: in a light process of its own.

It is begun when a page shows suspects, or a project is tagged, and ends when nobody has for some
minutes. Whoever changes a label, in whatever way, it finds that in the journal. What leans on a
label, and what does not, says ``engine.evaluation.renewal.renewing``. No torch.
"""
