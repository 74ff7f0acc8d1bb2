"""Hypothesis for the rules: no time limit per example (a busy machine is no fault of a rule), no files."""

from hypothesis import settings

settings.register_profile("rules", deadline=None, database=None)
settings.load_profile("rules")
