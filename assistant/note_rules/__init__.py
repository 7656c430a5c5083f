"""Rules for notes that need a demo; see `corpus.check.engine` for what a rule is."""
