"""Types expressions over a row, one module a family of nodes."""
