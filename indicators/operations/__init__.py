"""All writes: keyword-only, `by=` whom, one transaction, effects after the commit."""

from indicators.operations.access import RoleError, grant_role
from indicators.operations.actor import User
from indicators.operations.definitions import store_definitions
from indicators.operations.deliveries import (
    EXAMPLES,
    finish_import,
    refresh_statistics,
    start_import,
    store_peer_values,
)
from indicators.operations.derived import store_derived
from indicators.operations.jobs import (
    HERE_ONLY,
    RUN_JOB,
    JobLostError,
    Parameters,
    claim_job,
    fail_job,
    finish_job,
    kept_alive,
    nudge,
    report_progress,
    request_import,
    request_job,
    request_recompute,
    request_refresh,
    retry_job,
    settle_parent,
    sweep_jobs,
    wait_for_children,
)
from indicators.operations.measurements import Measured, MeasurementError, record_measurements
from indicators.operations.places import (
    GroupOf,
    NotEmptyError,
    NotSetUpError,
    drop_groups,
    store_groups,
    store_municipalities,
)

__all__ = [
    "EXAMPLES",
    "HERE_ONLY",
    "RUN_JOB",
    "GroupOf",
    "JobLostError",
    "Measured",
    "MeasurementError",
    "NotEmptyError",
    "NotSetUpError",
    "Parameters",
    "RoleError",
    "User",
    "claim_job",
    "drop_groups",
    "fail_job",
    "finish_import",
    "finish_job",
    "grant_role",
    "kept_alive",
    "nudge",
    "record_measurements",
    "refresh_statistics",
    "report_progress",
    "request_import",
    "request_job",
    "request_recompute",
    "request_refresh",
    "retry_job",
    "settle_parent",
    "start_import",
    "store_definitions",
    "store_derived",
    "store_groups",
    "store_municipalities",
    "store_peer_values",
    "sweep_jobs",
    "wait_for_children",
]
