"""The peers of the retrieval benchmark, one per module, run in an environment of their own (`make peers`)."""
