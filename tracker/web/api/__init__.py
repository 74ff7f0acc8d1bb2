"""The read-only JSON API under /api/v1/, for other programs: records and obligations.

`resources.py` defines the resources; responses, checks and the OpenAPI description all follow from it.
"""
