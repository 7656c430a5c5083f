"""The page under `/docs`: what REST offers, to be read and tried, without a line from another server."""
