"""The built-in commands, one per module."""
