"""What stands in addresses where no record does."""

# Words of addresses that are no key of a record.
WORDS = {
    "app_label": "backoffice",
    "format": "csv",
    "function": "accounting",
    "kind": "staff",
    "name": "international",
    "secret": "unknown",
    "step": "company",
    "uidb36": "1",
    "key": "unknown",
    "label": "backoffice.site",
    "line_pk": "1",
}
