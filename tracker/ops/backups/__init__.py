"""Backups by the database's own means, and back; see docs/backups.md."""
