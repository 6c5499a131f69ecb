"""What the machine does. No page, no SQL: runner, inspection and commands open the database."""
