"""What can be seen of the service from outside: request ids, readiness, metrics, traces. No word of text."""
