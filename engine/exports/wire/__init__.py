"""Bytes as other programs read them: fields of protocol buffers, records of TensorFlow.

Standard library only: what writes these formats elsewhere loads torch, or half a server.
"""
