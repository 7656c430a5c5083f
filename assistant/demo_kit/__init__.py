"""What every demo shares: checking of arguments, reading of questions, the registry and plots."""
