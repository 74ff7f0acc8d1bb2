"""Backups: all that the tracker knows in one file, the same for PostgreSQL and SQLite, and back.

See docs/backups.md.
"""
