from tests.backoffice.banking import kept_keys
from tests.backoffice.letters import post_office
from tests.backoffice.offices import office, postgres
from tests.backoffice.uploads import files_apart

__all__ = ["files_apart", "kept_keys", "office", "post_office", "postgres"]
