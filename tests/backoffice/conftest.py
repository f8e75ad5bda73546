from tests.backoffice.offices import office, postgres

__all__ = ["office", "postgres"]
