"""`make faults`: the promise of the reminders, put to the test by breaking everything around them.

Each case works with a database, a broker and a mail server of its own. Processes are killed, servers stopped,
emptied and started again, clocks set back, answers withheld; at the end every reminder that was planned must be
accounted for, and the mail server must hold each text once. `judge.py` says what that means.
"""
