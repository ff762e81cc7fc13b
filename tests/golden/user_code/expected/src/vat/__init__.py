"""The pipeline vat, made from vat.flow."""
