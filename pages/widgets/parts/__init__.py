"""Parts of a report: a cell, a row, a label's errors; tables that open them, and their rows."""
