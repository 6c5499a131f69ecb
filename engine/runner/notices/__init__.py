"""Alarms on their way to people: by e-mail, by webhook, once each, again later where that failed.

Here: what is said, how it is sent, and the thread that sends. Not here: what an alarm is.
"""
