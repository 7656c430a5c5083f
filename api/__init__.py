"""Who may ask: doors that translate between the outside and `assistant.Assistant`, and decide nothing."""
