"""Do the milestones' notebooks say what the programs say, and do they run from top to bottom?"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tinytorch.cli.notebook import begin
from tinytorch.milestones import catalog

TOOLS = Path(__file__).parent.parent / "tools"
SOON = ("forward_pass", "perceptron_trained", "xor_crisis", "xor_solved", "mlp_digits")  # a second or two each
SHORTER = {  # the others are played whole by `make notebooks`; here with less, as none can then be expected to be met
    "mlp_mnist": {"epochs=10": "epochs=1"},
    "cnn_digits": {f"epochs={catalog.load('cnn_digits').epochs}": "epochs=1"},
    "vaswani_chatgpt": {"epochs=72": "epochs=1"},
    "vaswani_copilot": {f"epochs={catalog.load('vaswani_copilot').epochs}": "epochs=1"},
}


@pytest.fixture(scope="module")
def notebooks():
    pytest.importorskip("jupytext")
    sys.path.insert(0, str(TOOLS))
    import notebooks

    yield notebooks
    sys.path.remove(str(TOOLS))


@pytest.mark.parametrize("name", catalog.names())
def test_what_is_kept_is_what_the_program_makes(name, notebooks):
    kept = (notebooks.FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert kept == notebooks.as_text(notebooks.notebook(name)), f"run `make notebooks`: {name} has changed"


@pytest.mark.parametrize("name", catalog.names())
def test_no_line_of_the_program_is_lost(name, notebooks):
    """Each line of the program but its declaration stands in a cell, in the same order."""
    source = catalog.path(name).read_text(encoding="utf-8")
    text = "\n".join(cell.source for cell in notebooks.notebook(name).cells if cell.cell_type == "code")
    code, place = source.split('"""', 2)[2], 0
    declared = code[code.index("@milestone(") : code.index("-> None:\n", code.index("@milestone("))]
    for line in (
        code.replace(declared, "").replace(f'\n\nif __name__ == "__main__":\n    {name}.main()', "").splitlines()
    ):
        if line.strip() not in ("", "-> None:"):
            place = text.index(line.strip(), place) + len(line.strip())


@pytest.mark.parametrize("name", [*SOON, *SHORTER])
def test_it_runs_from_top_to_bottom(name, notebooks, tmp_path):
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    changes = SHORTER.get(name, {})
    made = notebooks.played(notebooks.notebook(name), changes)
    assert changes.keys() <= {old for old in changes if all(old not in cell.source for cell in made.cells)}
    assert notebooks.verdict(made) or name in SHORTER
    outputs = [output for cell in made.cells for output in cell.get("outputs", ())]
    assert sum("image/png" in output.get("data", ()) for output in outputs) >= 1  # no picture is lost


def test_a_gate_that_is_missed_is_not_called_met(notebooks):
    pytest.importorskip("nbclient")
    made = notebooks.played(notebooks.notebook("xor_solved"), {"epochs=300": "epochs=1"})
    assert not notebooks.verdict(made)
    said = "".join(str(output) for output in made.cells[-1].outputs)
    assert "The gate is missed." in said
    assert "gate is met" not in said


def test_a_cell_that_fails_stops_the_run(notebooks):
    nbclient = pytest.importorskip("nbclient")
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="name 'hidden' is not defined"):
        notebooks.played(notebooks.notebook("xor_solved"), {"hidden = 8": "hiden = 8"})


def test_a_name_that_is_none_is_answered_in_a_sentence():
    with pytest.raises(ValueError, match=r"^there is no milestone 'mlp-digit'; did you mean mlp_digits\?$"):
        begin("mlp-digit")
