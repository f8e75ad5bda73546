"""A connection that tells the database who is at work before it writes.

Connections outlive requests. So each statement that may write is preceded by the signature of
whoever works now, unless the session carries that very one already: what an earlier request left
behind is never signed with. Reading costs nothing, a request that writes one statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base
from psycopg.sql import Composable

from backoffice.signature import NOBODY, Signature, signature

SIGN = (
    "select set_config('backoffice.actor', %s, false), set_config('backoffice.request', %s, false)"
)

# As Django words it: what it selects, and the steps of a transaction, one in ruins included.
WRITES_NOTHING = ("SELECT ", "(SELECT ", "SAVEPOINT ", "RELEASE ", "ROLLBACK ", "set transaction ")


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with the signature of the session."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What the session carries; None where a rollback may have taken it back.
        self.signed: Signature | None = NOBODY
        self.execute_wrappers.append(self._signed)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A new session carries no signature."""
        self.signed = NOBODY
        return super().get_new_connection(conn_params)

    def _rollback(self) -> None:
        self.signed = None
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        self.signed = None
        super()._savepoint_rollback(sid)  # type: ignore[misc]

    def _signed(
        self,
        execute: Callable,
        sql: Any,
        params: Any,
        many: bool,  # noqa: FBT001 - as Django calls it
        context: Any,
    ) -> Any:
        if self.signed != signature() and may_write(sql) and not self.needs_rollback:
            self._sign(signature())
        return execute(sql, params, many, context)

    def _sign(self, by: Signature) -> None:
        # Before the statement that needs it, so a session in ruins says so itself.
        with self.wrap_database_errors:
            self.signed = None
            self.connection.execute(SIGN, by)
            self.signed = by


def may_write(sql: Any) -> bool:
    """Whether a statement may change a row: all but what Django itself selects.

    What we write by hand is lower case and is taken to write, for it may call a function.
    """
    text = sql.as_string() if isinstance(sql, Composable) else str(sql)
    return not text.startswith(WRITES_NOTHING)
