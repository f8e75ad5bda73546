"""Phone, mail, visitors, rooms and doors."""
