"""Keeping the books, always current and provably right."""
