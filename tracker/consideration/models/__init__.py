"""Guidelines for reports, and the checklists that say what a report covers."""

from tracker.consideration.models.checklists import WHICH_COUNTS, CheckedItem, Checklist, Marked
from tracker.consideration.models.guidelines import AppliesTo, GuidelineItem, Guidelines, ItemQuestion
