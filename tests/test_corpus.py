"""A day of fifty real episodes over three hundred feeds, served on loopback: five insights, each provable."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from tests.processes import corpus_server, get, podcast_assets
from tests.test_sample import heard, rows

DAY = (dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=2)).date()


@pytest.mark.slow
@pytest.mark.parametrize("busy", [0, 12], ids=["spread", "busy"])
def test_fifty_real_episodes_give_five_insights_of_three_shows(shared: Path, tmp_path: Path, busy: int) -> None:
    data, config = tmp_path / "data", tmp_path / "podcasts.toml"
    options = ["--day", str(DAY), "--episodes", "50", "--feeds", "300", *(["--busy", str(busy)] if busy else [])]
    with corpus_server(shared, tmp_path / "server.log", *options) as address:
        (tmp_path / "feeds.opml").write_bytes(get(f"{address}/opml") or b"")
        config.write_text('[feeds]\nopml = ["feeds.opml"]\n[network]\nallow_private_hosts = true\n')
        done = podcast_assets("run", "--day", str(DAY), config=config, data=data)
        assert done.returncode == 0, done.stderr
        first = json.loads(get(f"{address}/stats") or b"{}")
        again = podcast_assets("run", "--day", str(DAY), config=config, data=data)
        assert again.returncode == 0, again.stderr
        second = json.loads(get(f"{address}/stats") or b"{}")
    assert first["feeds.200"] == 300
    assert second["feeds.304"] == 300
    assert second["transcripts.requests"] == first["transcripts.requests"]
    episodes = rows(data, f"select * from episodes where day = '{DAY}'")
    assert len(episodes) == 50
    five = rows(data, f"select t.*, e.feed_id from daily_top5 t join episodes e using (episode_id) where t.day = '{DAY}'")
    assert len(five) == 5
    shows = [row["feed_id"] for row in five]
    assert len(set(shows)) >= 3
    assert max(shows.count(show) for show in shows) <= 2
    for insight in five:
        timing = rows(data, f"select timing from insights where insight_id = '{insight['insight_id']}'")[0]["timing"]
        spoken = rows(data, f"select * from segments where episode_id = '{insight['episode_id']}' order by seq")
        assert heard(insight, timing, spoken)
        assert re.search(r"#t=\d+$", insight["audio_url"])
