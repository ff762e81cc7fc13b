"""Optimiser passes: each a file with a function of its name, ``Plan -> Plan``."""
