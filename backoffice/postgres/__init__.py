"""Django's PostgreSQL backend, which signs what is written for the trail."""
