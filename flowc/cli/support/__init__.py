"""What the commands share: their declarations, the terminal, how things are shown."""
