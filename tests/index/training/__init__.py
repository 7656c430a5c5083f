"""Training of the bundled embedding."""
