"""Tests of single operators: what their examples do not show."""
