"""What the queue runs: claim the job's row, make one call into the pipeline, record the outcome. Safe to run twice."""

import logging
import traceback

from celery import shared_task
from django.utils import timezone

from indicators import operations, pipeline
from indicators.queries import computation

logger = logging.getLogger(__name__)


@shared_task(name=operations.RUN_JOB)
def run(job_id: int) -> None:
    """Run a job if nobody else has it. A failure is written on the job's row, where the jobs page shows it."""
    job = operations.claim_job(job_id=job_id)
    if job is None:
        return
    try:
        with operations.kept_alive(job):
            pipeline.run(job, today=timezone.localdate())
    except operations.JobLostError:
        logger.warning("job %s was taken over by another worker; this attempt wrote nothing", job_id)
    except Exception:
        logger.exception("job %s failed", job_id)
        operations.fail_job(job=job, error=traceback.format_exc(limit=-4))


@shared_task(name="indicators.tasks.sweep")
def sweep() -> None:
    """Bring back what dead workers and lost messages left lying."""
    operations.sweep_jobs(now=timezone.now())


@shared_task(name="indicators.tasks.nightly")
def nightly() -> None:
    """New values from Kolada (a real installation only), and everything computed anew."""
    home = computation.home()
    if home and not home.invented:
        operations.request_import(by=None)
    operations.request_recompute(by=None)


@shared_task(name="indicators.tasks.remind")
def remind() -> None:
    """Today's reminders; a second worker with the same task finds them claimed."""
    operations.send_reminders(now=timezone.now(), by=None)
