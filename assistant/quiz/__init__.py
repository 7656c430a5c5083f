"""Questions out of the notes: of which kinds, about which points, checked before anybody sees them, and marked."""
