"""Benchmarks of flowc against hand-written loops and other engines."""
