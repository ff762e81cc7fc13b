"""Tests of the lowering to Python."""
