"""Hardware and software, maintained and up to date."""
