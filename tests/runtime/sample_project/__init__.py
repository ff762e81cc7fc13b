"""A project as flowc would generate it, written by hand."""
