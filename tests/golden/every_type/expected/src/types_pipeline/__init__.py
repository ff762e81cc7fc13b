"""The pipeline types, made from types.flow."""
