"""The one door through which recorded facts change; its functions are those of `door`."""

from tracker.changes.door import carry_out, confirm_date, delete, goes_along, lock, preview, save, save_new
from tracker.changes.effects import Effects
from tracker.obligations.actions import LONGEST_REASON, FactInUse, FactRefused
