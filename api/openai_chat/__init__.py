"""The chat API of OpenAI: what its clients send, what they are sent, and what is behind each name of a model."""
