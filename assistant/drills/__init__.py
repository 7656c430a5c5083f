"""Drills: a demo's exercise asked, the typed answer read and graded, the slip behind a wrong one named."""
