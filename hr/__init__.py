"""Hiring, employing, leave, leaving."""
