"""Small applications for the browser's tests, apart: Streamlit shows a ``pages`` folder beside
an application as a menu of its own.
"""
