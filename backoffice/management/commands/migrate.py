"""manage.py migrate: Django's, as the owner, after which the application is let in."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from backoffice.database_roles import let_application_in
from backoffice.management import base


class Command(base.Command, migrate.Command):
    """Bring the tables up to date."""

    example = "manage.py migrate"

    def run(self, *args: Any, **options: Any) -> None:
        """Migrate, then give the application's role the use of what is new."""
        migrate.Command.handle(self, *args, **options)
        let_application_in(connections[options["database"]])
