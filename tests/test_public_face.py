"""The names that `import sameperson` gives: a list, so that a change of it is seen; loaded only when they are used."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sameperson

ROOT = Path(__file__).parents[1]
NAMES = [
    "Batch", "Comparison", "Dataset", "Embedded", "Embeddings", "Evaluation", "Group", "InputError", "Method",
    "MethodOptions", "PROTOCOLS", "Parser", "ParserOptions",
    "Phase", "Preprocessing", "Priors", "Protocol", "Ranking", "Recipe", "ReidLosses",
    "Rerank", "Run", "Samples", "Similarity", "WorldPlan", "compare", "draw_ranking", "embed", "evaluate",
    "export_weights", "load_network", "load_recipe", "make_world", "query_and_gallery", "read_dataset",
    "read_pictures", "search", "shipped_weights", "train", "write_report",
]  # fmt: skip


def test_these_are_the_public_names():
    assert sorted(sameperson.__all__) == sorted(NAMES)
    assert set(NAMES) <= set(dir(sameperson))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_there_and_documented(name):
    value = getattr(sameperson, name)
    assert name == "PROTOCOLS" or (value.__doc__ and callable(value))


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'serach'"):
        sameperson.serach  # noqa: B018


def test_type_checkers_see_the_same_names():
    stub = ast.parse(Path(sameperson.__file__).with_suffix(".pyi").read_text())
    told: dict[str, set[str]] = {}
    for node in stub.body:
        if isinstance(node, ast.ImportFrom):
            told.setdefault(str(node.module).removeprefix("sameperson."), set()).update(a.name for a in node.names)
    assert told == {module: set(names) for module, names in sameperson.PUBLIC.items()}


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, sameperson as sp; sp.__version__; heavy = {'torch', 'numpy', 'pydantic'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", f"{code}; sys.exit(str(heavy) if heavy else 0)"], check=True)


def test_the_three_values_need_no_torch():
    code = "import sys, sameperson as sp; sp.Samples, sp.Embeddings, sp.Ranking; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_pages_use_public_names_only(page):
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"(?:from|import) sameperson\.\S+|`sameperson\.[a-z_]+\.\w+", text)
    assert set(re.findall(r"\bsp\.(\w+)", text)) <= set(NAMES)


def test_a_script_of_ten_lines_goes_from_crops_to_a_ranked_list_and_a_figure():
    """README's block, which its own test runs."""
    (script,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.S)
    lines = [line for line in script.splitlines() if line and "make_world" not in line]
    assert len(lines) <= 10 and "draw_ranking" in script and "mAP" in script
