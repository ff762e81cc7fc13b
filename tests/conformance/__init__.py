"""The conformance corpus: what expressions mean, as data."""
