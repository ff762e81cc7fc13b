"""The pipeline open, made from open.flow."""
