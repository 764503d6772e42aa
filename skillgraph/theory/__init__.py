"""Theory: solves, never samples."""
