"""W1: JSON lines, filter, one computed field, five of thirteen fields, JSON lines."""
