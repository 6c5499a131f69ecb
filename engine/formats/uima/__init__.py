"""What WebAnno and INCEpTION write: UIMA CAS as XMI and JSON, and their own TSV."""
