"""Accounts of those who use a shared server, and the sessions that they have opened.

Without an account nobody is asked to sign in. What a role may do stands in
`storage.permissions`; who is asked, and how, is the pages' matter (`pages.access`).
"""
