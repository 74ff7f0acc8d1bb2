"""What tests, faults, bench and rehearsal share: a mail server that can be told to misbehave, processes to talk to."""
