"""Patterns of ``matches``: RE2's syntax, and which of them Python searches in linear time."""
