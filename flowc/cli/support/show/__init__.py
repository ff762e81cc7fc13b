"""Pipelines as people read them: pure functions from a typed pipeline to text."""
