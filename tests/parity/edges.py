"""The rows again with awkward inputs: empty, single, without dimensions; nan, infinite, huge, tiny, in half precision.

    python tests/parity/edges.py 2/10         # the second tenth of all rows, on every edge: each difference
    python tests/parity/edges.py F.softmax    # the rows that have this in them

The suite tries every row on one edge. The tenths add up, in evidence/results/edges.json, to every row on every edge.

Nothing here is written for an operation: a row that is added to a table is tried on the edges by itself. PyTorch says
what should come of it, and there is some latitude:

- an element may instead be what PyTorch computes in float64: where it loses a number on the way, TinyTorch need not;
- among gradients nan and the infinities are one: which of them it is hangs on the order of the terms;
- of inputs whose squares are too large for the type an element may be nan or infinite: not another number;
- where both raise an error, TinyTorch's may be of another class if a `raise` says it: no stumbling.

What is still different is in APART, with its reason.
"""

from __future__ import annotations

import json
import linecache
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch

import tinytorch
from parity.compare import TOLERANCE, differences
from parity.deliberate import DELIBERATE
from parity.harness import Case, Outcome, Seen, Structure, run
from parity.inputs import Input

Change = Callable[[np.ndarray, np.ndarray], np.ndarray]  # an input, and the first floating one -> what is given instead

OVERFLOW = ("up to 1e38", "float16 up to 6e4")
LEFT_OUT = {"layout", "packed", "data", "names", "files", "environment"}  # where memory, files and names are looked at


# ------------------------------------------------------------------------------------------------ the edges
def cut(size: int, dim: int) -> Change:
    """Leave `size` elements along the first or last dimension, of all inputs that are as long there as the first."""

    def change(array: np.ndarray, first: np.ndarray) -> np.ndarray:
        if not array.ndim or not first.ndim or array.shape[dim] != first.shape[dim]:
            return array
        return array[:size] if dim == 0 else array[..., :size]

    return change


def scalar(array: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Its first element, without dimensions."""
    return array.reshape(-1)[0].reshape(()) if array.size else array


def one(value: float) -> Change:
    """Put `value` in the place of an element in the middle of each floating input."""

    def change(array: np.ndarray, first: np.ndarray) -> np.ndarray:
        if array.dtype.kind == "f" and array.size:
            array = array.copy()
            array.flat[array.size // 2] = value
        return array

    return change


def scaled(largest: float, dtype: str | None = None) -> Change:
    """Multiply the floating inputs so that the largest number in each is as large as that."""

    def change(array: np.ndarray, first: np.ndarray) -> np.ndarray:
        if array.dtype.kind != "f":
            return array
        top = np.abs(array[np.isfinite(array)]).max(initial=0)
        with np.errstate(all="ignore"):
            return np.asarray(array.astype("float64") / (top or 1) * largest, dtype or array.dtype)

    return change


EDGES: dict[str, Change] = {
    "an empty batch": cut(0, 0),
    "no features": cut(0, -1),
    "one sample": cut(1, 0),
    "no dimension": scalar,
    "a nan": one(np.nan),
    "an infinity": one(np.inf),
    "a negative infinity": one(-np.inf),
    "up to 1e4": scaled(1e4),
    "up to 1e38": scaled(1e38),
    "up to 1e-40": scaled(1e-40),
    "float16 up to 6e4": scaled(6e4, "float16"),
}


def rows(cases: Sequence[Case]) -> Iterator[Case]:
    """Of each text the first case that has a floating input and that PyTorch computes."""
    seen = set()
    for case in cases:
        tried = case.raises or case.program or case.text in seen or case.family in LEFT_OUT or case.name in DELIBERATE
        if not tried and any(array.dtype.kind == "f" for array in drawn(case).values()):
            seen.add(case.text)
            yield case


def drawn(case: Case) -> dict[str, np.ndarray]:
    """The inputs of a case."""
    random = case.random()
    return {name: spec.draw(random) for name, spec in case.inputs.items()}


def on_edge(case: Case, edge: str) -> Case | None:
    """The case with its inputs moved to an edge; None if they are there already."""
    arrays = drawn(case)
    first = next(array for array in arrays.values() if array.dtype.kind == "f")
    moved = {name: EDGES[edge](array, first) for name, array in arrays.items()}
    if all(moved[name].shape == a.shape and moved[name].tobytes() == a.tobytes() for name, a in arrays.items()):
        return None
    half = any(array.dtype == np.float16 for array in moved.values())
    tolerance = 1e-2 if half else 1e-4 if case.tolerance is None else max(1e-4, case.tolerance)
    return replace(with_inputs(case, moved), family=f"{edge}: {case.family}", tolerance=tolerance,
                   strides=False, loud=False)  # fmt: skip


def with_inputs(case: Case, arrays: dict[str, np.ndarray]) -> Case:
    """The case with these inputs under its old names, so that all else that is random stays the same."""
    inputs = {name: Input(str(spec), lambda _, array=arrays[name]: array) for name, spec in case.inputs.items()}
    return replace(case, inputs=inputs)


def share(cases: Sequence[Case]) -> Iterator[tuple[Case, str]]:
    """Each row on one edge, which depends on its text: all together are more than the suite has time for."""
    edges = list(EDGES)
    for case in rows(cases):
        yield case, edges[zlib.crc32(case.text.encode()) % len(edges)]


# ------------------------------------------------------------------------------------------------ the comparison
def difference(case: Case) -> list[str]:
    """Where TinyTorch differs from PyTorch on a case; whether there is to be an error is for PyTorch to say."""
    theirs, ours = run(case, torch), run(case, tinytorch)
    case = replace(case, raises=theirs.error is not None)
    found = differences(case, theirs, ours)
    if found and theirs.error is not None and ours.error is not None:
        return [] if on_purpose(ours.error) else found
    if found and ours.error is None and theirs.error is None:
        return differences(case, lenient(case, theirs, ours), ours)
    return found


def on_purpose(error: Exception) -> bool:
    """Whether a `raise` of TinyTorch raised it."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return False
    path = last.tb_frame.f_code.co_filename
    return "tinytorch" in path and linecache.getline(path, last.tb_lineno).strip().startswith("raise ")


def lenient(case: Case, theirs: Outcome, ours: Outcome) -> Outcome:
    """PyTorch's outcome, but in elements in which TinyTorch differs from it, PyTorch's in float64."""
    arrays = drawn(case)
    wide = {k: a.astype("float64") if a.dtype.kind == "f" else a for k, a in arrays.items()}
    theirs64 = run(with_inputs(case, wide), torch)
    if theirs64.error is not None:
        theirs64 = theirs
    result = merged(theirs.result, theirs64.result, ours.result, case)
    inputs = merged(theirs.inputs, theirs64.inputs, ours.inputs, case)
    grads = merged(theirs.grads, theirs64.grads, ours.grads, case, True)
    return replace(theirs, result=result, inputs=inputs, grads=grads)


def merged(theirs: Any, wide: Any, ours: Any, case: Case, gradients: bool = False) -> Any:
    """`theirs` with what is allowed instead where `ours` differs, in whatever structure."""
    if not (type(theirs) is type(wide) is type(ours)):
        return theirs
    if isinstance(theirs, dict):
        return {key: merged(theirs[key], wide.get(key), ours.get(key), case, gradients) for key in theirs}
    if isinstance(theirs, Structure):
        three = zip(theirs.items, wide.items, ours.items)
        # What `trained` gives, and what a row puts beside its result, are gradients as well.
        inner = [(a[0], merged(a[1], b[1], c[1], case, gradients or bool(i))) for i, (a, b, c) in enumerate(three)]
        return replace(theirs, items=tuple(inner))
    if (
        not isinstance(theirs, Seen)
        or not (theirs.shape == wide.shape == ours.shape)
        or theirs.values.dtype.kind != "f"
    ):
        return theirs
    narrow, relative = theirs.values.dtype, case.tolerance or TOLERANCE[theirs.values.dtype.name]
    mine, yours = ours.values.astype("float64"), theirs.values.astype("float64")
    with np.errstate(all="ignore"):
        values = np.where(np.isclose(mine, yours, relative, 0, equal_nan=True), yours, wide.values.astype(narrow))
    overflow = case.family.startswith(OVERFLOW)
    free = ~np.isfinite(mine) & (overflow | (~np.isfinite(yours) & gradients))
    return replace(theirs, values=np.where(free, mine, values).astype(narrow))


# Reason -> patterns of "case | difference".
APART: dict[str, tuple[str, ...]] = {
    "attention of 4 dimensions is fused in PyTorch, and gives 0 for a query that is nan: TinyTorch gives nan": (
        r"(nan|infinity|1e38): (attention|transformer): .*(scaled_dot|Multihead|Transformer).* \| (result|grads)",
    ),
    "one of PyTorch's paths takes a slope of nan as 1 and the other as 0, by the place in memory": (
        r"^a nan: .*([Hh]ardtanh|[Hh]ardswish|[Rr]e[Ll][Uu]6|relu6|C?ELU|celu).* \| grads",
    ),
    "where a bound is nan, TinyTorch says that the number is the smaller one": (
        r"^a nan: .*(clamp|clip|minimum|maximum|fmin|fmax).* \| grads",
    ),
    "the slope of a product is the product of the others: PyTorch divides by the number itself, which is not finite": (
        r"(nan|infinity|1e38|1e-40|6e4): .*(prod|cumprod).* \| (result|grads)",
    ),
    "zero times a weight, or a border, that is not finite: it hangs on which products are made at all": (
        r"(nan|infinity|1e38|6e4): .*([Cc]onv|unfold|fold|bilinear).* \| (result|grads)",
    ),
    "the loss of a score of -inf is infinite; PyTorch's is infinity less infinity": (
        r"^a negative infinity: .*([Bb]inary_cross_entropy_with_logits|BCEWithLogits).* \| result",
    ),
    "PyTorch's soft margin loss is infinite, and its gradient nan, from -89 on": (r"[Ss]oft_?[Mm]argin",),
    "squares of numbers so small or large are 0 or infinite in float32, and so a spread; PyTorch's is in float64": (
        r"up to (1e38|1e-40|1e4|6e4): .*\b(std|var|std_mean|var_mean|std\()",
        r"up to (1e38|6e4): .*(norm|distance|cdist|hypot|a(rc)?tan2)",
    ),
    "a logarithm's slope of a denormal number is rounded otherwise": (r"^up to 1e-40: .*(kl_div|KLDiv|log)",),
    "so is that of a norm of order -1": (r"^up to 1e-40: reduction: x.norm\(-1, 0\) .* \| grads",),
    "attention of scores in thousands looks at one key alone: the gradient is what rounding leaves": (
        r"^up to 1e4: transformer: ",
        r"^up to 1e4: attention: ",
        r"^up to 1e4: recurrent: ",
    ),
    "PyTorch refuses to go back through images of no size, or to pad them": (
        r"^(an empty batch|no features): .*([Pp]ixel|pad\(|gradcheck|[Ii]nstance_?[Nn]orm).* \| error: PyTorch raises",
    ),
    "a mask is for all queries there are: PyTorch does not look at it where its fast path is taken": (
        r"^(an empty batch|one sample): transformer: .*attn_mask must",
    ),
    "of no elements there is no gradient but 0": (
        r"^(an empty batch|no features): normalization: .* \| (result|grads)",
    ),
    "pooling of images of no size is refused in a sentence": (
        r"^(an empty batch|no features): .*where only N may be 0",
    ),
    "a number without dimensions is no matrix, and no image: a sentence": (
        r"^no dimension: .* \| error: PyTorch has none, TinyTorch raises RuntimeError \((H|mT|dropout2d|T) ",
    ),
    "what is out of order has no place in it": (r"(nan|infinity): sorting: .*searchsorted",),
    "which of several equal elements comes first is not promised": (r": sorting: .*(topk|sort|unique)",),
    "linear algebra of nan: LAPACK's answer, or its word that there is none": (r"^a nan: linalg: ",),
    "PyTorch has no linear algebra in half precision": (r"^float16 up to 6e4: .*(linalg|det|inv)",),
    "a scalar tensor made of a float16 one is float32": (r"^float16 up to 6e4: creation: ",),
    "statistics of an infinite number: TinyTorch's are nan or infinite, PyTorch's too, but not all of the same kind": (
        r"infinity: .*([Nn]orm|var_mean|std_mean|[Gg]aussian).* \| (result|grads)",
    ),
    "the half of an infinite number's gelu is nan in PyTorch": (r"infinity: .*(gelu|GELU).* \| result",),
    "printed to the last digit": (r": printing: ",),
    "the largest of numbers one of which is nan has the slope nan; in PyTorch 0": (
        r"^a nan: .*(norm|distance).* \| grads",
    ),
    "the slope in the target, too, is that of logarithms no lower than -100": (
        r": loss: .*(F.binary_cross_entropy\(|BCELoss).* \| grads\['y'\]",
    ),
    "weights of 1e4 less 1e4, rounded": (r"^up to 1e4: .*lerp",),
    "where a slope is 0, an infinite gradient, or weight, changes nothing": (
        r"up to .*: (autograd: .*backward\(g\)|loss: .*pos_weight)",
    ),
    "a logit with `eps` is that of a clamped number: where it is nan, no slope": (
        r"^a nan: (elementwise|inplace): .*logit(\(.*(eps=|, 0.3)|_\(0.1\)).* \| grads",
    ),
    "the count of nothing is of the type that its weights ask for": (r"^(an empty batch|no features): .*bincount",),
    "a loss over no classes is refused in a sentence, though no target needs one": (
        r"^(an empty batch|no features): .*(there are no classes|at least one class)",
    ),
    "two types at once, which PyTorch refuses here: TinyTorch takes the wider, or converts what is assigned": (
        r"^float16 up to 6e4: .* \| error: PyTorch raises RuntimeError \((prelu: Type|self and mat2|Index put)",
    ),
    "of no elements PyTorch's attention has no gradient for the mask, and does not broadcast the heads": (
        r"^(an empty batch|no features): attention: .* \| grads\['b'\]: PyTorch None",
        r"^(an empty batch|no features): attention: .*\(q\[:, :1\], .* \| result",
    ),
    "of no elements PyTorch's dropout has no history": (
        r"^(an empty batch|no features): .*F.dropout\(x, 1.0\).* \| result.is_leaf",
    ),
    "of no elements a size of -1 could be any: a sentence; PyTorch has the dimension's own size to tell": (
        r"^an empty batch: shape: .*unflatten\(-1, \(-1, ",
    ),
    "of no elements PyTorch's own gradient has another shape": (r"^an empty batch: .*\(Function Scatter\w*Backward0",),
    "of no elements PyTorch's address is 0, and so the same of all": (
        r"^(an empty batch|no features): tensor: copy.deepcopy\(x\).data_ptr\(\)",
    ),
    "of no elements PyTorch refuses the smallest, and TinyTorch the largest": (
        r"^(an empty batch|no features): nn_utils: .*norm_type=-1.*on an empty tensor",
        r"^no features: linalg: .*cdist\(.*p=inf\).*zero-size array",
    ),
    "weights for four channels don't fit none: a sentence; PyTorch does not look at them": (
        r"^no features: normalization: .*(must be \(0,\)|got 0 channels)",
        r"^no features: transformer: .*AssertionError \(MultiheadAttention expected",
    ),
    "a number is repeated as if it were a vector; PyTorch finds no dimension": (
        r"^no dimension: shape: .*repeat_interleave\(",
    ),
    "on the way to infinity, or from it, the order of the terms decides between infinite and nan": (
        r"infinity: (elementwise|inplace): .*lerp_?\(.* \| (result|inputs)",
        r"infinity: loss: .*(binary_cross_entropy_with_logits|BCEWithLogits).* \| (result|grads)",
        r"infinity: (loss|linalg): .*(pairwise_distance|cdist)\(.* \| grads",
    ),
    "0 times the slope of a quotient that is nan, or infinite, before it is cut off": (
        r"(nan|infinity): arithmetic: .*rounding_mode='trunc'.* \| grads",
    ),
    "bounds that have become one number share the gradient otherwise": (
        r"(infinity|1e38): elementwise: x.clamp\(y, y \+ 1\).* \| grads\['y'\]",
    ),
    "0 times the slope in the divisor, which is infinite": (r"^up to 1e-40: .*addcdiv\(.*value=0\).* \| grads",),
    "numbers that are all 1, less their mean, rounded, by the root of 1e-5": (
        r"^up to 1e-40: normalization: .*LayerNorm.*m\(x \+ 1\).* \| result",
    ),
}


def apart(case: Case, line: str) -> str | None:
    """The pattern that sets a difference apart, if one does."""
    told = f"{case} | {line}"
    return next((p for patterns in APART.values() for p in patterns if re.search(p, told)), None)


# ------------------------------------------------------------------------------------------------ all of it
RESULTS = Path(__file__).parents[2] / "evidence" / "results" / "edges.json"


def whole(chosen: Sequence[Case]) -> dict[str, dict[str, int]]:
    """Try rows on every edge and print each difference: for each edge how many were tried, set apart and differ."""
    found: dict[str, dict[str, int]] = {edge: {"tried": 0, "apart": 0, "differ": 0} for edge in EDGES}
    for case in chosen:
        for edge, counts in found.items():
            moved = on_edge(case, edge)
            if moved is None:
                continue
            lines = difference(moved)
            strange = [line for line in lines if apart(moved, line) is None]
            counts["tried"] += 1
            counts["apart"] += bool(lines and not strange)
            counts["differ"] += bool(strange)
            if strange:
                print(moved, *(f"    {line[:300]}" for line in strange[:3]), sep="\n")
    return found


def keep(found: dict[str, dict[str, int]], part: int, parts: int) -> None:
    """Add what a part of the rows gave to the results, and make rows of `make faults` of all together."""
    pieces = json.loads(RESULTS.read_text("utf-8"))["pieces"] if RESULTS.exists() else {}
    pieces = {key: value for key, value in pieces.items() if key.endswith(f"/{parts}")}
    pieces[f"{part}/{parts}"] = found
    faults = []
    for edge in EDGES:
        tried, aside, differ = (sum(piece[edge][key] for piece in pieces.values()) for key in found[edge])
        outcome = f"as in PyTorch; {aside} differ for the reasons in tests/parity/edges.py"
        how = "each row of tests/parity with such inputs"
        row = {"part": "numbers", "fault": edge, "how": how, "tries": tried, "lost": differ, "outcome": outcome}
        faults.append(row)
    content = {"torch": torch.__version__, "numpy": np.__version__, "pieces": pieces, "faults": faults}
    RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main(wishes: list[str]) -> int:
    """Print every difference on the edges, and how many there are."""
    from parity.rows import CASES

    part, parts = map(int, wishes.pop(0).split("/")) if wishes and wishes[0][:1].isdigit() else (1, 1)
    found = whole([case for case in rows(CASES) if all(wish in case.text for wish in wishes)][part - 1 :: parts])
    if not wishes:
        keep(found, part, parts)
    for edge, counts in found.items():
        print(f"{edge}: {counts}")
    return int(any(counts["differ"] for counts in found.values()))


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(main(sys.argv[1:]))
