"""`make faults`: tests that no reminder is lost or sent twice while everything around it fails.

Each case has its own database, broker and mail server. Processes are killed, servers are stopped, emptied and started
again, clocks are set back, answers are withheld. At the end every planned reminder must be accounted for, and the mail
server must have each text once; see `judge.py`.
"""
