"""A project's coach as pages and routes have it: what it is told, what it says. No Streamlit."""
