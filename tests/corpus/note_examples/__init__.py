"""The worked examples of the shipped notes, recomputed: one module per group of notes, `EXAMPLES` in each."""
