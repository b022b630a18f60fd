"""Settings have one place, and the docs say what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from kouan.errors import SettingsError
from kouan.settings import configuration_page, read_settings


def test_environment_beats_file_and_what_is_given_beats_both(tmp_path):
    file = tmp_path / "kouan.toml"
    file.write_text("port = 1111\ntimeout = 5\nhost = '::1'\n")
    settings = read_settings(
        {"KOUAN_PORT": "2222", "KOUAN_SETTINGS": str(file), "KOUAN_HOST": "127.0.0.2"}, host="127.0.0.3"
    )
    assert (settings.host, settings.port, settings.timeout) == ("127.0.0.3", 2222, 5.0)


def test_value_of_the_wrong_type_is_refused_with_its_name():
    with pytest.raises(SettingsError, match=r"KOUAN_PORT: port must be of type int, not 'eight'"):
        read_settings({"KOUAN_PORT": "eight"})


def test_unknown_name_in_the_file_is_refused_with_the_known_ones(tmp_path):
    file = tmp_path / "kouan.toml"
    file.write_text("prot = 1\n")
    with pytest.raises(SettingsError, match=r"sets prot, which Kouan does not have; it has .*port"):
        read_settings({}, file=file)


def test_settings_file_that_is_named_and_missing_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match="is not a file"):
        read_settings({"KOUAN_SETTINGS": str(tmp_path / "none.toml")})


def test_configuration_page_is_up_to_date():
    page = Path(__file__).parent.parent / "docs" / "configuration.md"
    assert page.read_text(encoding="utf-8") == configuration_page(), "run make docs"
