"""What demos share, by name: arithmetic, data, how a question speaks of it (`spoken_*`), drills (`*_drills`)."""
