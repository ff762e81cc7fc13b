"""The pipeline's own processors."""
