"""What is there: the graph, random graphs of an ensemble, tables and bridges to other libraries."""
