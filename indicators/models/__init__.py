"""What an indicator is, what was measured, and what follows from it.

Raw tables (`Measurement`, `PeerValue`) are only ever added to; derived ones (`SeriesPoint`, `Benchmark`, `Assessment`)
can be deleted and built again to the same content by `indicators.pipeline`.
"""

from indicators.models.access import ROLE_LABELS, Contact, Role, SignIn
from indicators.models.constraints import choices, is_one_of
from indicators.models.definitions import (
    Area,
    Breakdown,
    DefinitionAct,
    DefinitionNote,
    Department,
    Indicator,
    Measures,
    SeriesBreak,
    Source,
    Unit,
)
from indicators.models.derived import Assessment, Benchmark, SeriesPoint
from indicators.models.jobs import JobKind, JobRun, JobState
from indicators.models.places import Municipality, PeerGroup, PeerGroupMember
from indicators.models.raw import Absence, Evidence, Import, ImportRejection, Measurement, MeasurementState, PeerValue
from indicators.models.reporting import InputException, InputPeriod, Look, Reminder, SheetUpload
from indicators.models.targets import Target

__all__ = [
    "ROLE_LABELS",
    "Absence",
    "Area",
    "Assessment",
    "Benchmark",
    "Breakdown",
    "Contact",
    "DefinitionAct",
    "DefinitionNote",
    "Department",
    "Evidence",
    "Import",
    "ImportRejection",
    "Indicator",
    "InputException",
    "InputPeriod",
    "JobKind",
    "JobRun",
    "JobState",
    "Look",
    "Measurement",
    "MeasurementState",
    "Measures",
    "Municipality",
    "PeerGroup",
    "PeerGroupMember",
    "PeerValue",
    "Reminder",
    "Role",
    "SeriesBreak",
    "SeriesPoint",
    "SheetUpload",
    "SignIn",
    "Source",
    "Target",
    "Unit",
    "choices",
    "is_one_of",
]
