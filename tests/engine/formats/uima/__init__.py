"""WebAnno TSV and UIMA CAS."""
