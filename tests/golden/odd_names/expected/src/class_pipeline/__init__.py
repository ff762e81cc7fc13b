"""The pipeline class, made from class.flow."""
