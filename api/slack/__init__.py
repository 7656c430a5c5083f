"""Slack: from a signed delivery to an answer in its thread. Nothing of what is said there reaches a log."""
