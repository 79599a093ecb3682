"""The page of the commands says what the commands say."""

from __future__ import annotations

from tools.write_commands import PAGE, VERBS, page, section


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tools.write_commands writes it anew"


def test_no_command_is_missing():
    verbs = [path.stem for path in (PAGE.parents[2] / "mgpe_tf").glob("*.py") if "cli.run(" in path.read_text("utf-8")]
    assert sorted({*verbs} - {"cli"}) == sorted(VERBS)


def test_a_flag_tells_its_default_and_what_it_takes():
    lines = list(section("edit"))
    assert "| `--blend` | `feather` | How the edited region meets the rest. Allowed: `feather`, `poisson`. |" in lines
    assert "| `--target` |  | Photograph that is edited. |" in lines
    assert not any("`--helpxml`" in line or "`--verbosity`" in line for line in lines)
