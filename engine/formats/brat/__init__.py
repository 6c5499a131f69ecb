"""brat's standoff: texts beside files of annotations, as a folder or a ZIP archive."""
