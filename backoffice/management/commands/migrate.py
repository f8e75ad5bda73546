"""manage.py migrate: Django's, as the owner; then the application is let in, the trail watches."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from backoffice.database_roles import let_application_in
from backoffice.management import base
from backoffice.trail import watch_tables


class Command(base.Command, migrate.Command):
    """Bring the tables up to date."""

    example = "manage.py migrate"

    def run(self, *args: Any, **options: Any) -> None:
        """Migrate, give the application's role the use of what is new, watch what is new."""
        migrate.Command.handle(self, *args, **options)
        let_application_in(connections[options["database"]])
        watch_tables(connections[options["database"]])
