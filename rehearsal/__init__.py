"""`make rehearsal`: tests an installation as `deploy/` describes it, built on this machine.

PostgreSQL and Redis with passwords and TLS, gunicorn and nginx with their configurations, workers and beats with the
commands of their units, all in a temporary folder and on loopback. `checks.py` tests one host; `hosts.py` tests
several, each of which is stopped and cut off in turn.
"""
