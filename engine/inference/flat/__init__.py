"""Encoders of BERT's kind on a CPU, without padding: all pieces of a batch in one flat list.

``rows`` lays windows out, ``encoder`` reads them, ``products`` are its packed matrix products.
What a model says is what transformers' own forward pass says, which remains the way for GPUs,
for models of other kinds and for all training.
"""
