"""The report's figures in plain words, each one hover away from its number."""

PRECISION = (
    "Of the {marks} that the model gave, the share that is right. Low precision: it gives too many."
)
RECALL = (
    "Of the {marks} that people gave, the share that the model gave, too. Low recall: it misses "
    "much."
)
F1 = "Precision and recall in one number (their harmonic mean): 1 only where both are perfect."
SUPPORT = "How many {marks} people gave: a figure over few of them says little."
INTERVAL = (
    "In brackets, where it would lie in 95 of 100 cases with other documents like these (a "
    "bootstrap over documents)."
)
# Beside an interval that says little.
UNSURE = "⚠"
MICRO = "Micro: every {mark} counts the same, so frequent labels weigh most."
MACRO = "Macro: the mean over the labels, a rare one counts as much as a frequent one."
WEIGHTED = "Weighted: the mean over the labels, each by how often people gave it."
# Of the figures above the tables, by the names that reports give them.
ABOUT = {"f1": f"{F1} {MICRO}", "precision": PRECISION, "recall": RECALL, "support": SUPPORT}
OUT_OF_SCOPE = {
    "recall": "recall",
    "in_scope_accuracy": "accuracy of the rest",
    "auroc": "AUROC",
    "threshold": "threshold",
}
OUT_OF_SCOPE_ABOUT = (
    "Some texts belong to no label that the model should give. *Recall* is the share of these that "
    "it turns down, *accuracy of the rest* the share of all others that have their label. *AUROC* "
    "is how well its doubt tells the two apart, at any threshold: 0.5 is guessing, 1 is perfect. "
    "It turns a text down where its doubt, 1 less the highest probability, reaches the "
    "*threshold*, which was chosen on dev."
)
SEQEVAL = (
    "seqeval is the reference that papers count with. When the run ended, it scored the same "
    "predictions (version {version}, strict IOB2): F1 {f1:.3f} over {support:,} spans."
)


def between(low: float, high: float) -> str:
    """Write an interval: "[0.66, 0.75]"."""
    return f"[{low:.2f}, {high:.2f}]"
