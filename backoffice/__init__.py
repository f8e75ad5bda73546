"""The common ground of all functions: people, rights, directory, pages, set-up."""

__version__ = "0.1.0"
