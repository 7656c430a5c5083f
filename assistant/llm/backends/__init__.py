"""Model backends, one per module: each has `open_model(name, settings) -> ChatModel`."""
