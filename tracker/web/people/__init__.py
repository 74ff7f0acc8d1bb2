"""People: who may sign in, with which role and desk; invitations, and the own account."""
