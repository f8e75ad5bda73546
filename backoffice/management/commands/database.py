"""manage.py database: the PostgreSQL server that comes with Backoffice."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from backoffice.embedded_postgres import EmbeddedPostgres
from backoffice.errors import Refused
from backoffice.management import base


class Command(base.Command):
    """Start, stop, look at or query the embedded database server."""

    help = "Start, stop, look at or query the embedded database server under DATA_DIR."
    example = "manage.py database start"
    starts_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        """One word: what to do."""
        parser.add_argument("act", choices=("start", "stop", "status", "shell"))

    def run(self, **options: Any) -> None:
        """Do it, or refuse where the database is not the embedded one."""
        if settings.EMBEDDED_POSTGRES is None:
            raise Refused("DATABASE_URL is set: the database is not the embedded one.")
        getattr(self, options["act"])(settings.EMBEDDED_POSTGRES)

    def start(self, postgres: EmbeddedPostgres) -> None:
        """Start the server and leave it running."""
        postgres.start()
        self.say(f"The database runs in {postgres.home}.")

    def stop(self, postgres: EmbeddedPostgres) -> None:
        """Stop the server."""
        postgres.stop()
        self.say("The database is stopped.")

    def status(self, postgres: EmbeddedPostgres) -> None:
        """Tell where the server is; exit 1 when it does not run."""
        status = postgres.status()
        if not status.running:
            raise base.CheckFailed(f"PostgreSQL {status.version} in {status.folder} does not run.")
        self.say(
            f"PostgreSQL {status.version} runs in {status.folder} as process {status.pid}; "
            f"its socket is in {status.socket_folder}."
        )

    def shell(self, postgres: EmbeddedPostgres) -> None:
        """Become psql, connected as the application."""
        postgres.start()
        command = postgres.psql_command()
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
