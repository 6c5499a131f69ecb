"""Workbooks of spreadsheets (XLSX): tables, read under limits and written without formulas."""
