"""The law of deadlines, pure: dates in, dates and their trail out. No clock, no database."""
