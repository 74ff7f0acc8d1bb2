"""The read-only JSON API under /api/v1/: the facts and what follows from them, for other programs.

`resources.py` says what can be asked and what is answered; answers, checks and the OpenAPI description all
follow from it.
"""
