"""The page of the commands says what the commands say."""

from __future__ import annotations

import re

from tools.write_commands import PAGE, VERBS, page


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tools.write_commands writes it anew"


def test_no_command_is_missing():
    files = (PAGE.parents[2] / "mgpe_tf").glob("*.py")
    verbs = {
        path.stem for path in files if re.search(r"^    (cli|words)\.run\(", path.read_text("utf-8"), re.MULTILINE)
    }
    assert sorted(verbs - {"words"}) == sorted(VERBS)


def test_a_flag_tells_its_default_and_what_it_takes():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert "| `--blend` | `feather` | How the edited region meets the rest. Allowed: `feather`, `poisson`. |" in lines
    assert "| `--target` |  | Photograph that is edited. |" in lines
    assert "| `--needed` | `skin,left_eye,right_eye` | Classes that must be seen. |" in lines
    assert not any("`--helpxml`" in line or "`--verbosity`" in line for line in lines)


def test_a_word_tells_the_flags_that_it_needs_and_takes():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    crop = lines.index("- `edit crop`: The aligned portrait and its mask, to be painted on.")
    assert lines[crop + 1] == "  Needs `--target`, `--output`."
    assert lines[crop + 2] == "  Takes `--face`, `--aligned`, `--model`, `--parser`, `--overwrite`."
    assert "- `edit replay FILE`: The picture of a recipe made again." in lines
