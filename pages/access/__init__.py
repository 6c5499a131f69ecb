"""Who is there and what they may: the gate before pages and routes of a shared server.

Here: the login page, the session's cookie, what stands before every request (`guard`) and what
each page and route asks for (`table`). Not here: what accounts and roles are
(`storage.accounts`, `storage.permissions`), nor where a request may come from
(`pages.routes.origins`).
"""
