"""One module per kind of note; see `corpus.reading` for what a reader is."""
