"""What keeps the tracker running and is no page: backup and restore."""
