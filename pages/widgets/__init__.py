"""The parts of pages: one package a page, ``common`` for all, ``frame`` around every one."""
