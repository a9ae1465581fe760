"""The jobs, their schedules and the sensor. All are on by default: whoever starts the daemon wants a digest every day."""

import datetime as dt

import dagster as dg

from podcast_assets.feeds.assets import PollConfig
from podcast_assets.operation.catchup import days_to_run, is_polled
from podcast_assets.operation.processes import end_dead_runs
from podcast_assets.project import Project

POLL_CRON = "0 * * * *"
DAILY_CRON = "20 3-23 * * *"  # the first of these ticks that finds a poll since midnight runs the day, the others nothing

# dagster.yaml allows one run at a time of each value of this tag: days run in their order, a poll goes on beside them.
JOB_TAG = "podcast_assets/job"


POLL_FEEDS = dg.define_asset_job(
    "poll_feeds",
    dg.AssetSelection.assets("feeds"),
    description="Asks every feed what is new and logs it.",
    # A higher priority than a day's run: what waits in the queue together shall run in the order poll, day.
    tags={JOB_TAG: "poll_feeds", "dagster/priority": "1"},
)
DAILY = dg.define_asset_job(
    "daily",
    dg.AssetSelection.all() - dg.AssetSelection.assets("feeds"),
    description="From the episodes of a day to its five insights, the digest and podcasts.duckdb.",
    tags={JOB_TAG: "daily"},
)


def build_schedules(project: Project) -> list[dg.ScheduleDefinition]:
    """The hourly poll, and the daily run for yesterday's partition."""
    config = project.config

    @dg.schedule(
        name="daily_schedule",
        job=DAILY,
        cron_schedule=DAILY_CRON,
        execution_timezone=config.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=(
            "Once a day, after the first poll of the day: runs yesterday, and days before it that something is still open "
            "on (at most 14), oldest first."
        ),
    )
    def daily_schedule(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest] | dg.SkipReason:
        tick = context.scheduled_execution_time.astimezone(config.zone)
        yesterday = tick.date() - dt.timedelta(days=1)
        if yesterday < config.first_day:
            return dg.SkipReason(f"the first day is {config.first_day} (start_date)")
        if not is_polled(project, yesterday):
            return dg.SkipReason(f"no feed has answered since {yesterday} ended; poll_feeds comes first")
        return [
            dg.RunRequest(run_key=f"{tick.date()}/{day}", partition_key=day.isoformat())
            for day in days_to_run(project, yesterday)
        ]

    poll_schedule = dg.ScheduleDefinition(
        name="poll_feeds_schedule",
        job=POLL_FEEDS,
        cron_schedule=POLL_CRON,
        execution_timezone=config.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        run_config=dg.RunConfig(ops={"feeds": PollConfig(only_due=True)}),
        description="Polls the feeds that are due, every hour; after midnight all of them.",
    )
    return [daily_schedule, poll_schedule]


def build_sensors() -> list[dg.SensorDefinition]:
    """The sensor that ends runs whose process is gone."""

    @dg.sensor(
        name="dead_runs",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ends runs whose process was killed, so that they do not keep their places in the pools.",
    )
    def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        ended = end_dead_runs(context.instance)
        return dg.SkipReason(f"ended {', '.join(ended)}" if ended else "every run that is under way has a living process")

    return [dead_runs]
