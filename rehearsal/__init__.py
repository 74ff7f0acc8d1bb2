"""`make rehearsal`: an installation as `deploy/` describes it, built on this machine and put to the test.

PostgreSQL and Redis with passwords and TLS, gunicorn with its file, nginx with its site, workers and beats with the
commands of their units: all of it in a temporary folder, on loopback alone. `checks.py` looks at one host,
`hosts.py` at several, of which each is stopped and cut off in turn.
"""
