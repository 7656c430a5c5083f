"""Whom the interview is for: one TOML file per profile, found by its name."""
