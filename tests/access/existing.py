"""Pages that were there before there were roles by department: all are open, but for steering and jobs."""

from tests.access import EVERYONE, STEERING, Row

ROWS = [
    Row("healthz", EVERYONE),
    Row("overview", EVERYONE),
    Row("goal", EVERYONE, (lambda world: world.goal.code,)),
    Row("about", EVERYONE),
    Row("accessibility", EVERYONE),
    Row("indicators", EVERYONE),
    Row("indicator", EVERYONE, (lambda world: world.indicator.code,)),
    Row("indicator_csv", EVERYONE, (lambda world: world.indicator.code,)),
    Row("indicator_xlsx", EVERYONE, (lambda world: world.indicator.code,)),
    Row("indicator_png", EVERYONE, (lambda world: world.indicator.code,)),
    Row("compare", EVERYONE),
    Row("compare-first", EVERYONE),
    Row("compare-indicator", EVERYONE, (lambda world: world.indicator.code,)),
    Row("cost-quality", EVERYONE),
    Row("steer", STEERING),
    Row("jobs", STEERING),
    Row("jobs-recompute", STEERING, method="post"),
    Row("jobs-import", STEERING, method="post"),
    Row("job", STEERING, (lambda world: world.job.pk,)),
    Row("job-retry", STEERING, (lambda world: world.job.pk,), method="post"),
]
