"""What the queue runs for surveys: claim the job's row, make one call into the pipeline, record the outcome."""

import logging
import traceback

from celery import shared_task
from django.utils import timezone

from indicators.operations.jobs import JobLostError, claim_job, fail_job, kept_alive
from surveys import pipeline

logger = logging.getLogger(__name__)


@shared_task(name="surveys.tasks.run")
def run(job_id: int) -> None:
    """Run a job if nobody else has it. A failure is written on the job's row, where the jobs page shows it."""
    job = claim_job(job_id=job_id)
    if job is None:
        return
    try:
        with kept_alive(job):
            pipeline.run(job)
    except JobLostError:
        logger.warning("job %s was taken over by another worker; this attempt wrote nothing", job_id)
    except Exception:
        logger.exception("job %s failed", job_id)
        fail_job(job=job, error=traceback.format_exc(limit=-4))


@shared_task(name="surveys.tasks.mix")
def mix() -> None:
    """Move answers that wait to the others, in shuffled order, where enough have come."""
    pipeline.mix_answers()


@shared_task(name="surveys.tasks.housekeeping")
def housekeeping() -> None:
    """Close what has ended, and delete personal data whose time is over."""
    pipeline.keep_house(today=timezone.localdate())
