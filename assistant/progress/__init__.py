"""How the learner stands: which topics hold, which do not, and what was done on which day."""
