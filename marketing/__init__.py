"""Campaigns and the people they reach."""
