"""What there is to study: files read into notes, notes split into topics and passages, the glossary, checks."""
