"""Commands that judge: scores, reports, what two runs differ in, what more data would bring.

Here: commands whose answer judges a model or its data. Not here: commands that train one to use.
"""
