"""The runtime of pipelines compiled by flowc: the standard library and msgspec, nothing else.

It is vendored module by module, so this file imports nothing; each module's `__all__` is its part
of the contract, and generated code imports from the modules themselves.
"""
