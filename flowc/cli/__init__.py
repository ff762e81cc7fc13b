"""The command line. One file a command, found by its name; `support` holds their parts."""
