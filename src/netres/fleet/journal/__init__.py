"""The journal: what is meant, what is sent and what came of it, on the disk before any device hears of it."""

from netres.fleet.journal.baselines import Standing
from netres.fleet.journal.journal import Journal
from netres.fleet.journal.leases import Leases
from netres.fleet.journal.part import Part
from netres.fleet.journal.records import Backup, PartRecord, PartState, StepRecord, TransactionRecord, TxOutcome

__all__ = [
    "Backup",
    "Journal",
    "Leases",
    "Part",
    "PartRecord",
    "PartState",
    "Standing",
    "StepRecord",
    "TransactionRecord",
    "TxOutcome",
]
