"""A mock interview out of one's own notes: planned, held as a pure state machine, and told in a report."""
