"""What is followed: the configuration's list and OPML files, and editing the list."""

import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from podcast_assets import config
from podcast_assets.config import Config
from podcast_assets.errors import ConfigError, PodcastAssetsError
from podcast_assets.feeds.identity import Subscription
from podcast_assets.feeds.subscriptions import add, each_once, read_opml, remove, subscriptions, write_opml
from podcast_assets.hashing import sha256
from tests.conftest import ROOT

ONE, TWO, THREE = (f"https://example.com/{n}.xml" for n in (1, 2, 3))
OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
  <outline text="News"><outline type="rss" text="Ärger &amp; Co" title="Ärger &amp; Co" xmlUrl="{}"/></outline>
  <outline type="rss" text="Two" xmlUrl="{}"/>
</body></opml>
"""


@pytest.fixture
def configured(tmp_path: Path) -> Callable[[str], Config]:
    """Writes ``podcasts.toml`` with the given text, and reads it."""

    def write(text: str) -> Config:
        (tmp_path / "podcasts.toml").write_bytes(text.encode())
        return config.load(tmp_path / "podcasts.toml")

    return write


def urls(settings: Config) -> list[str]:
    return [subscription.url for subscription in subscriptions(settings)]


def listed(*addresses: str) -> str:
    return "[feeds]\nurls = [" + ", ".join(f'"{address}"' for address in addresses) + "]\n"


# --- What is followed.


def test_a_feed_s_identity_is_the_address_as_subscribed() -> None:
    assert Subscription(ONE).feed_id == sha256(ONE)[:12]
    assert Subscription(ONE).feed_id != Subscription(ONE.replace("https", "http")).feed_id


def test_feeds_come_in_the_order_of_the_file_then_of_the_opml_files_each_once(
    configured: Callable[[str], Config], tmp_path: Path
) -> None:
    (tmp_path / "a.opml").write_text(OPML.format(THREE, ONE))
    (tmp_path / "b.opml").write_text(OPML.format(THREE, "https://example.com/4.xml"))
    settings = configured(f'[feeds]\nurls = ["{TWO}", " {ONE} ", "{TWO}"]\nopml = ["a.opml", "b.opml"]')
    assert urls(settings) == [TWO, ONE, THREE, "https://example.com/4.xml"]


def test_an_opml_file_that_went_bad_after_the_start_is_an_error_that_names_it(
    configured: Callable[[str], Config], tmp_path: Path
) -> None:
    (tmp_path / "a.opml").write_text(OPML.format(ONE, TWO))
    settings = configured('[feeds]\nopml = ["a.opml"]')
    (tmp_path / "a.opml").write_text("gone")
    with pytest.raises(PodcastAssetsError, match=r"a\.opml: no feed found"):
        subscriptions(settings)


# --- OPML.


def test_nested_feeds_of_an_opml_file_are_found_in_its_order(tmp_path: Path) -> None:
    file = tmp_path / "a.opml"
    file.write_text(OPML.format(ONE, TWO), "utf-8")
    assert read_opml(file) == [(ONE, "Ärger & Co"), (TWO, "Two")]


def test_an_opml_file_brings_addresses_of_the_web_alone(tmp_path: Path) -> None:
    """It may come from a stranger: no path in it makes us read a file."""
    file = tmp_path / "a.opml"
    for path in ("/etc/passwd", "file:///etc/passwd", "feed.xml"):
        file.write_text(OPML.format(path, TWO))
        assert read_opml(file) == [(TWO, "Two")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"<html><body>Sign in</body></html>",
        b"<rss><channel><title>A feed, no list of feeds</title></channel></rss>",
        b'<opml version="2.0"><body/></opml>',
        b"\xff\xfe\0\0",
        "<opml><body><outline text='Ä'/></body></opml>".encode("latin-1"),
    ],
    ids=["empty", "json", "html", "rss", "no feeds", "bytes", "latin-1"],
)
def test_what_is_no_opml_is_refused_with_what_is_expected(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.opml"
    file.write_bytes(content)
    with pytest.raises(PodcastAssetsError, match=r"a\.opml: .*expected an OPML file"):
        read_opml(file)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.opml"):
        with pytest.raises(PodcastAssetsError, match="cannot be read: "):
            read_opml(path)


def test_entities_of_an_opml_file_neither_grow_nor_read_a_file(tmp_path: Path) -> None:
    entities = '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">'
    file = tmp_path / "a.opml"
    file.write_text(f"<!DOCTYPE opml [{entities}]>" + OPML.format(ONE, TWO).split("\n", 1)[1].replace("Two", "&b;&c;"))
    assert read_opml(file)[1] == (TWO, "&b;&c;")


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("export_test.opml", 6, "David Harvey's Anti-Capitalist Chronicles"),
        ("overcast_geekdada.opml", 45, "Above & Beyond: Group Therapy"),
        ("pocketcasts_ianbarton_podcasts_opml.xml", 67, "The Outdoors Station - Audio"),
    ],
)
def test_the_exports_of_podcast_apps_are_read_whole(shared: Path, tmp_path: Path, name: str, count: int, first: str) -> None:
    file = shared / "data" / "opml" / name
    found = read_opml(file)
    assert len(found) == file.read_text("utf-8").count("xmlUrl=") == count
    assert found[0][1] == first
    (tmp_path / "again.opml").write_text(write_opml(found), "utf-8")
    assert read_opml(tmp_path / "again.opml") == found


def test_an_export_is_read_back_as_it_was(tmp_path: Path) -> None:
    feeds = [(ONE, "Tom & <Jerry> \"quoted\" 'Ü' 日本"), ("https://example.com/?a=1&b=2", "")]
    (tmp_path / "mine.opml").write_text(write_opml(feeds), "utf-8")
    assert read_opml(tmp_path / "mine.opml") == [feeds[0], (feeds[1][0], feeds[1][0])]


def test_an_export_is_opml_that_any_app_can_read() -> None:
    root = ET.fromstring(write_opml([(ONE, "One")]))
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [child.tag for child in root] == ["head", "body"]
    outlines = [outline.attrib for outline in root.iter("outline")]
    assert outlines == [{"type": "rss", "text": "One", "xmlUrl": ONE}]
    assert ET.fromstring(write_opml([])).find("body") is not None


# --- Editing the file.

WITH_COMMENTS = """\
# my feeds
timezone = "Europe/Berlin" # where I live

[feeds]
# the good ones
urls = [
    # news
    "https://example.com/1.xml", # daily
    "https://example.com/2.xml" # weekly
    # end of list
]
backfill_days = 3 # not more

[ranking]
top = 3 # enough
"""


def test_adding_keeps_comments_and_order(configured: Callable[[str], Config]) -> None:
    settings = configured(WITH_COMMENTS)
    assert add(settings, [THREE, ONE, " https://example.com/0.xml ", THREE]) == [THREE, "https://example.com/0.xml"]
    text = settings.file.read_text()
    assert [line for line in WITH_COMMENTS.splitlines() if line.strip(" ,") not in text] == [
        '    "https://example.com/2.xml" # weekly'  # which has got a comma
    ]
    assert '"https://example.com/2.xml", # weekly' in text
    assert urls(config.load(settings.file)) == [ONE, TWO, THREE, "https://example.com/0.xml"]


@pytest.mark.parametrize(
    "other",
    [
        "http://example.com/1.xml",
        "https://example.com/1.xml/",
        "https://EXAMPLE.com/1.xml",
        "https://example.com:443/1.xml",
        "https://example.com/1.xml#latest",
        "HTTP://Example.com:80/1.xml/",
        "feed://example.com/1.xml",
        "feed:https://example.com/1.xml/",
        " PCAST://EXAMPLE.com/1.xml ",
    ],
)
def test_the_same_show_by_another_address_is_recognised(configured: Callable[[str], Config], other: str) -> None:
    """Else each of its episodes is found, transcribed and shown twice; with and without ``www`` may be two shows."""
    settings = configured(WITH_COMMENTS)
    assert add(settings, [other, THREE, THREE + "/"]) == [THREE]
    both = configured(listed(ONE, other))
    assert urls(both) == [ONE]
    remove(both, other)
    assert urls(config.load(both.file)) == []


@pytest.mark.parametrize(
    "other",
    [
        "https://example.com/1.xml?show=2",
        "https://example.com/2",
        "https://example.com:8443/1.xml",
        "https://example.org/1.xml",
        "https://www.example.com/1.xml",
        "https://example.com/1.XML",
        "feed://www.example.com/1.xml",
    ],
)
def test_another_show_is_not_taken_for_the_same(configured: Callable[[str], Config], other: str) -> None:
    [added] = add(configured(listed(ONE)), [other])
    assert added == other.replace("feed:", "http:")


@pytest.mark.parametrize("open_", ["https://ann:hunter22@example.com/feed", "https://token12345@example.com/feed"])
def test_a_password_never_gets_into_the_file(configured: Callable[[str], Config], tmp_path: Path, open_: str) -> None:
    settings = configured(WITH_COMMENTS)
    with pytest.raises(ConfigError, match=r"address of example\.com bears a password; expected https://\$\{NAME"):
        add(settings, [open_])
    assert settings.file.read_text() == WITH_COMMENTS
    with pytest.raises(ConfigError, match="bears a password") as caught:
        configured(listed(open_))
    assert "hunter22" not in str(caught.value)
    assert "token12345" not in str(caught.value)
    (tmp_path / "mine.opml").write_text(f'<opml version="2.0"><body><outline type="rss" xmlUrl="{open_}"/></body></opml>')
    with pytest.raises(PodcastAssetsError, match="bears a password") as leaked:
        subscriptions(configured('[feeds]\nopml = ["mine.opml"]\n'))
    assert "hunter22" not in str(leaked.value)


def test_a_private_feed_is_added_by_the_names_of_its_secrets(configured: Callable[[str], Config]) -> None:
    private = "https://${SHOW_USER}:${SHOW_PASSWORD}@example.com/feed?token=${SHOW_TOKEN}"
    settings = configured(WITH_COMMENTS)
    assert add(settings, [private]) == [private]
    assert private in urls(config.load(settings.file))


def test_adding_and_removing_gives_the_file_as_it_was(configured: Callable[[str], Config]) -> None:
    settings = configured(WITH_COMMENTS)
    add(settings, [THREE])
    once = settings.file.read_text()
    remove(config.load(settings.file), THREE)
    add(config.load(settings.file), [THREE])
    assert settings.file.read_text() == once


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "[feeds]\n",
        "[feeds]\nurls = []\n",
        "[feeds]\nbackfill_days = 3 # a comment",
        'data_dir = "x"\n\n[network]\ntimeout_s = 3.0 # a comment\n',
        "feeds = { backfill_days = 3 }\n",
        "feeds.backfill_days = 3\ntimezone = 'UTC'\n",
        "[feeds]\r\nurls = [] # a comment\r\n",
    ],
    ids=["empty", "comment", "section", "list", "key", "other section", "inline", "dotted", "windows"],
)
def test_a_list_is_made_where_there_is_none_and_the_rest_stays(configured: Callable[[str], Config], text: str) -> None:
    settings = configured(text)
    before = settings.model_dump()
    assert add(settings, [ONE, TWO]) == [ONE, TWO]
    after = config.load(settings.file)
    assert urls(after) == [ONE, TWO]
    assert after.model_dump() == {**before, "feeds": {**before["feeds"], "urls": (ONE, TWO)}}
    assert ("# a comment" in text) == ("# a comment" in settings.file.read_text())
    assert ("\r\n" in text) == (b"\r\n" in settings.file.read_bytes())


def test_the_shipped_file_takes_feeds_and_keeps_every_line(tmp_path: Path) -> None:
    shipped = ROOT / "podcasts.toml"
    file = tmp_path / "podcasts.toml"
    file.write_bytes(shipped.read_bytes())
    add(config.load(file), [ONE])
    assert urls(config.load(file)) == [ONE]
    text = file.read_text("utf-8")
    assert [line for line in shipped.read_text("utf-8").splitlines() if line not in text] == []
    assert len(text.splitlines()) == len(shipped.read_text("utf-8").splitlines()) + 1


def test_a_local_file_can_be_added(configured: Callable[[str], Config], tmp_path: Path) -> None:
    (tmp_path / "show.xml").touch()
    settings = configured("")
    assert add(settings, ["show.xml"]) == ["show.xml"]
    assert urls(config.load(settings.file)) == ["show.xml"]


NONSENSE = ["", "show.xml", ".", "\0", "ftp://example.com/1.xml", "javascript:alert(1)", "~nobody-has-this-name/1.xml"]
BROKEN = ["http://", "https:///1.xml", "http://[x", "http:1.xml"]


@pytest.mark.parametrize("nonsense", [*NONSENSE, *BROKEN])
def test_nonsense_is_refused_and_nothing_is_written(configured: Callable[[str], Config], nonsense: str) -> None:
    settings = configured(WITH_COMMENTS)
    with pytest.raises(ConfigError, match="expected an http or https address, or a file seen from"):
        add(settings, [THREE, nonsense])
    assert settings.file.read_text() == WITH_COMMENTS


def test_what_is_followed_already_changes_nothing(configured: Callable[[str], Config], tmp_path: Path) -> None:
    (tmp_path / "a.opml").write_text(OPML.format(THREE, "https://example.com/4.xml"))
    text = listed(ONE, TWO) + 'opml = ["a.opml"]\n'
    settings = configured(text)
    assert add(settings, [ONE, TWO, THREE, f" {ONE}"]) == []
    assert settings.file.read_text() == text


def test_a_feed_is_removed_with_all_its_doubles_and_the_rest_stays(configured: Callable[[str], Config]) -> None:
    settings = configured(WITH_COMMENTS.replace("2.xml", "1.xml"))
    remove(settings, ONE)
    assert urls(config.load(settings.file)) == []
    assert "# the good ones" in settings.file.read_text()
    assert "top = 3 # enough" in settings.file.read_text()

    settings = configured(listed(ONE, TWO, THREE))
    remove(settings, TWO)
    assert urls(config.load(settings.file)) == [ONE, THREE]


@pytest.mark.parametrize("text", [listed(ONE), "", "[ranking]\ntop = 3\n"])
def test_removing_what_is_not_listed_is_refused_and_nothing_is_written(
    configured: Callable[[str], Config], text: str
) -> None:
    settings = configured(text)
    with pytest.raises(ConfigError, match=r"https://example\.com/2\.xml: not among \[feeds\] urls of .*podcasts\.toml"):
        remove(settings, TWO)
    assert settings.file.read_text() == text


def test_a_file_that_only_its_owner_may_read_stays_so_and_a_link_stays_a_link(
    configured: Callable[[str], Config], tmp_path: Path
) -> None:
    """Addresses of private feeds bear tokens; and many keep their configuration in one place, linked from here."""
    settings = configured(listed(ONE))
    (tmp_path / "dotfiles").mkdir()
    kept = settings.file.rename(tmp_path / "dotfiles" / "podcasts.toml")
    kept.chmod(0o600)
    settings.file.symlink_to(kept)
    add(settings, [TWO])
    assert settings.file.is_symlink()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert urls(config.load(settings.file)) == [ONE, TWO]


def test_a_file_that_was_changed_for_the_worse_since_is_not_written(configured: Callable[[str], Config]) -> None:
    settings = configured(listed(ONE))
    settings.file.write_text('[feeds]\nurls = ["https://example.com/1.xml"]\nbackfil_days = 3\n')
    with pytest.raises(ConfigError, match="did you mean 'backfill_days'"):
        add(settings, [TWO])
    assert TWO not in settings.file.read_text()


def test_feeds_that_are_added_at_the_same_time_are_all_kept(configured: Callable[[str], Config]) -> None:
    settings = configured("")
    code = (
        "import sys; from pathlib import Path; from podcast_assets.config import load; "
        "from podcast_assets.feeds.subscriptions import add; add(load(Path(sys.argv[1])), sys.argv[2:])"
    )
    added = [f"https://example.org/{number}.xml" for number in range(8)]
    running = [subprocess.Popen([sys.executable, "-c", code, str(settings.file), url]) for url in added]
    assert [process.wait(timeout=60) for process in running] == [0] * len(added)
    assert sorted(urls(config.load(settings.file))) == added


def test_an_app_s_address_is_followed_as_one_of_the_web_wherever_it_stands(configured: Callable[[str], Config]) -> None:
    settings = configured(listed("feed://example.com/1.xml"))
    assert urls(settings) == ["http://example.com/1.xml"]
    assert add(settings, ["feed:https://example.com/2.xml"]) == [TWO]
    remove(settings, "feed://example.com/1.xml")
    assert urls(config.load(settings.file)) == [TWO]
    with pytest.raises(ConfigError, match="bears a password"):
        add(settings, ["feed://ann:hunter22@example.com/3.xml"])
    with pytest.raises(PodcastAssetsError, match=r"podcasts\.toml: an address of example\.com bears a password"):
        subscriptions(configured(listed("feed://ann:hunter22@example.com/3.xml")))


@pytest.mark.parametrize("depth", [0, 1, 5])
def test_feeds_are_found_however_deep_they_lie(tmp_path: Path, depth: int) -> None:
    outline = f'<outline type="rss" text="One" xmlUrl="{ONE}"/>'
    for level in range(depth):
        outline = f'<outline text="Folder {level}">{outline}</outline>'
    (tmp_path / "a.opml").write_text(f'<opml version="1.0"><head/><body>{outline}</body></opml>')
    assert read_opml(tmp_path / "a.opml") == [(ONE, "One")]


@pytest.mark.parametrize("name", ["export_test.opml", "overcast_geekdada.opml", "pocketcasts_ianbarton_podcasts_opml.xml"])
def test_what_an_app_exports_is_followed_whole_and_exported_again(
    shared: Path, configured: Callable[[str], Config], tmp_path: Path, name: str
) -> None:
    settings = configured("")
    found = [url for url, _ in read_opml(shared / "data" / "opml" / name)]
    assert add(settings, found) == each_once(settings, found) == urls(config.load(settings.file))
    assert add(settings, found) == []
    (tmp_path / "again.opml").write_text(write_opml((url, "") for url in urls(config.load(settings.file))), "utf-8")
    assert urls(configured('[feeds]\nopml = ["again.opml"]')) == each_once(settings, found)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("feed://example.org/a.xml", "http://example.org/a.xml"),
        ("feed:https://example.org/a.xml", "https://example.org/a.xml"),
        ("itpc://example.org/a.xml", "http://example.org/a.xml"),
        ("PCAST://example.org/a.xml", "http://example.org/a.xml"),
    ],
)
def test_an_address_as_apps_write_it_is_one_of_the_web(tmp_path: Path, written: str, meant: str) -> None:
    (tmp_path / "a.opml").write_text(OPML.format(written, ONE))
    assert [url for url, _ in read_opml(tmp_path / "a.opml")] == [meant, ONE]
