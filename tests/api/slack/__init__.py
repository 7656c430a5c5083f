"""Tests of the Slack door: a real socket towards Slack, and a fake Slack that answers."""
