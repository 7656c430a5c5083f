"""One module per kind of fault that the text alone shows; see `corpus.check.engine` for what a rule is."""
