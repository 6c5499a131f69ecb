"""What the machine does. No page, no SQL: only runner/ and commands/ open the database."""
