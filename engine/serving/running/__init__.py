"""The service as it runs: its command's process, which holds the socket, and the one that answers.

Here: which model a project serves at the moment, who has a key, what stands before every request,
what is kept of what is asked. Not here: how a request is read and answered (http/), nor models.
"""
