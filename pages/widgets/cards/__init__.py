"""Cards as pages show them: what is asked once for them, and how a data card leaves."""
