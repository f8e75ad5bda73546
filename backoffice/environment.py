"""Reads the environment for settings.py, and refuses what it cannot use in one sentence."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SCHEMES = ("postgres", "postgresql")


class Environment(environ.Env):
    """A variable that is empty is one that is not set; a wrong one stops the start."""

    def get_value(self, var: str, cast: Any = None, default: Any = None, **ways: Any) -> Any:
        """The variable as the type it is read as."""
        if not self.ENVIRON.get(var):
            return default
        try:
            return super().get_value(var, cast=cast, default=default, **ways)
        except ValueError:
            kind = "a whole number" if cast is int else "what belongs there"
            raise ImproperlyConfigured(f"{var} is {self.ENVIRON[var]!r}, not {kind}.") from None

    def one_of(self, var: str, choices: Collection[str], default: str) -> str:
        """The variable, which is one of a few words."""
        word = self.str(var, default).upper()
        if word not in choices:
            raise ImproperlyConfigured(f"{var} is {word!r}: write one of {', '.join(choices)}.")
        return word

    def mail_server(self, var: str) -> dict[str, Any]:
        """Django's settings of a mail server; one on this machine where none is named."""
        url = self.str(var, "smtp://localhost:1025")
        try:
            return self.email_url_config(url)
        except (ImproperlyConfigured, ValueError, KeyError):
            raise ImproperlyConfigured(
                f"{var} is no mail server: write smtp+tls://user:password@host:587."
            ) from None

    def postgres(self, *variables: str) -> dict[str, Any]:
        """Django's settings of the database in the first of the variables that is set."""
        var = next(name for name in variables if self.str(name, ""))
        try:
            found = self.db_url_config(self.str(var)) if self._is_postgres(var) else {}
        except ValueError:
            found = {}
        options = found.get("OPTIONS", {})
        user = found.get("USER") or options.get("user")
        if not (found.get("NAME") and user):
            raise ImproperlyConfigured(
                f"{var} is no PostgreSQL database: write postgres://user:password@host/name."
            )
        return {**found, "USER": user, "OPTIONS": options}

    def _is_postgres(self, var: str) -> bool:
        return urlsplit(self.str(var)).scheme in SCHEMES
