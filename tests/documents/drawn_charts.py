"""The keys of all charts that the pages draw, read from their code."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
DRAWING = {"show_chart", "plotly_chart"}


def keys_of_charts():
    """Return the keys of all charts; ``*`` stands for what is only known when one is drawn."""
    found = set()
    for path in sorted((ROOT / "pages").rglob("*.py")):
        if path.stem != "chart_pictures":  # It passes on what it is given.
            tree = ast.parse(path.read_text())
            for call in calls_in(tree):
                if name_of(call) in DRAWING:
                    (key,) = [one.value for one in call.keywords if one.arg == "key"]
                    found |= texts_of(key, tree)
    return found


def calls_in(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def name_of(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def texts_of(key, tree):
    """Return what an expression may be: a text, a constant of the module, or what a function is given."""
    if isinstance(key, ast.Constant):
        return {key.value}
    if isinstance(key, ast.JoinedStr):
        return {"".join(part.value if isinstance(part, ast.Constant) else "*" for part in key.values)}
    assert isinstance(key, ast.Name), ast.dump(key)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (value := assigned(node, key.id)) is not None:
            return texts_of(value, tree)
        if isinstance(node, ast.FunctionDef) and key.id in (names := [one.arg for one in node.args.args]):
            place = names.index(key.id)
            given = [call.args[place] for call in calls_in(tree) if name_of(call) == node.name]
            return set().union(*(texts_of(one, tree) for one in given))
    raise AssertionError(f"What is {key.id}?")


def assigned(node, name):
    """Return the value that an assignment gives to a name, alone or as one of several; else None."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for one, value in zip(target.elts, node.value.elts, strict=True):
                if getattr(one, "id", "") == name:
                    return value
        elif getattr(target, "id", "") == name:
            return node.value
    return None
