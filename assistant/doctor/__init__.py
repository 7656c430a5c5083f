"""What works on this machine and what does not: looks, and a conversation that tries a model out."""
