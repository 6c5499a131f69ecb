"""How far the people of a project agree: their versions read, and what is computed of them.

The coefficients themselves are ``engine.agreement``'s; how they are said and drawn, the pages' and
the commands'.
"""
