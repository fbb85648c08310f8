"""Draws random calls of PyTorch, with PyTorch's own results: a folder in the format of vectors/FORMAT.md.

    python3 tools/conformance/draw.py DIR [--seed N] [--cases N] [--only OP]...

The same seed draws the same cases, of all ops or of some. Needs PyTorch and NumPy. What is drawn for an op stands in
the folder drawing; here a drawn call is computed, in float64 and in float32, and written.
"""

import argparse
import hashlib
import json
import math
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import torch

from drawing import layers, tensors, training  # noqa: F401  These register their generators.
from drawing.draws import CALLS, TRAINING, Draw, NotACase, errors
from drawing.pytorch import OUTPUTS, call_function

ATTEMPTS = 50
# How PyTorch refuses a call.
REFUSALS = (RuntimeError, ValueError, IndexError, AssertionError, TypeError, NotImplementedError, ZeroDivisionError)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("folder", metavar="DIR", type=Path)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--cases", type=int, default=20, help="of each op (default 20)")
    options.add_argument(
        "--only", action="append", metavar="OP", help="only this op, by PyTorch's name; may be repeated"
    )
    given = options.parse_args()
    known = {**CALLS, **TRAINING}
    unknown = set(given.only or []) - set(known)
    if unknown:
        options.error(f"nothing is drawn for {', '.join(sorted(unknown))}; there is {', '.join(sorted(known))}")

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    given.folder.mkdir(parents=True, exist_ok=True)
    families = []
    for op in given.only or known:
        cases, refused = [], {}
        for number in range(given.cases):
            for attempt in range(ATTEMPTS):
                try:
                    cases.append(case(op, number, given.seed, attempt))
                    break
                except NotACase as reason:
                    refused[str(reason)] = refused.get(str(reason), 0) + 1
        if len(cases) < given.cases:
            sys.exit(f"{op}: of {given.cases} cases {len(cases)} could be drawn; the others: {refused}")
        families.append(write(given.folder, op, cases))
    index = {"format": "golden", "version": 1, "split": f"seed {given.seed}", "families": families}
    (given.folder / "index.json").write_text(json.dumps(index) + "\n")
    print(f"{sum(family['cases'] for family in families)} cases over {len(families)} ops in {given.folder}")


def case(op, number, seed, attempt):
    """A case as JSON, whose `tensors` are arrays by name."""
    words = [seed, zlib.crc32(op.encode()), number, attempt]
    draw = Draw(np.random.default_rng(words))
    torch.manual_seed(words[1])
    try:
        made = computed(op, CALLS[op](draw, op), draw) if op in CALLS else TRAINING[op](draw, op)
    except REFUSALS as error:
        raise NotACase(f"{type(error).__name__}: {str(error)[:100]}") from error
    return {
        "name": f"{op}/draw/{seed}-{number}",
        "op": op,
        "source": "draw",
        "tier": "core",
        "must_raise": False,
        **made,
    }


def computed(op, call, draw):
    """A drawn call with what PyTorch makes of it: values, and gradients for random ones from above."""
    given = dict([*tensors_in("in", call.args), *tensors_in("in.init", call.init)])
    state = {}
    if op.startswith("nn."):
        state = {f"{kind}.{name}": draw.state(name, t) for kind, name, t in parameters(module(op, call, torch.float64))}
    upstream = {}
    wide, narrow = (evaluate(op, call, state, dtype, upstream, draw) for dtype in (torch.float64, torch.float32))
    rounded = {
        f"f32.{name[4:]}": narrow[name]
        for name in wide
        if name.startswith("out.") and wide[name].is_floating_point() and wide[name].numel() <= 2048
    }
    return {
        "kind": call.kind or ("module" if op.startswith("nn.") else "function"),
        "init": encoded(call.init, "in.init"),
        "training": call.training,
        "args": encoded(call.args, "in"),
        "f32_abs_err": errors(wide, narrow),
        "tensors": {**state, **given, **wide, **upstream, **rounded},
    }


def evaluate(op, call, state, dtype, upstream, draw):
    """Outputs, buffers afterwards and gradients, by the names of FORMAT.md. `upstream` is drawn by the first call."""
    leaves = {}

    def put(name, value):
        if not isinstance(value, torch.Tensor) or not value.is_floating_point():
            return value
        leaf = value.to(dtype, copy=True)
        if name.removeprefix("in.") not in call.fixed and call.kind != "clip" and not name.startswith("in.init"):
            leaves[name.removeprefix("in.")] = leaf.requires_grad_()
        return leaf

    args = mapped("in", call.args, put)
    made = module(op, call, dtype, put) if op.startswith("nn.") else None
    if made is not None:
        made.train(call.training)
        for kind, name, tensor in parameters(made):
            tensor.data.copy_(state[f"{kind}.{name}"])
            if kind == "param":
                leaves[name] = tensor
        result = made(**args)
    else:
        result = call_function(op, args)
    outputs = named(op, result)
    results = {f"out.{name}": value.detach() for name, value in outputs.items()}
    if made is not None:
        results |= {f"after.{name}": buffer for kind, name, buffer in parameters(made) if kind == "buffer"}
    tracked = {name: value for name, value in outputs.items() if value.requires_grad}
    for name, value in tracked.items():
        if f"up.{name}" not in upstream:
            upstream[f"up.{name}"] = draw.normal(value.shape)
    if tracked:
        ups = [upstream[f"up.{name}"].to(dtype) for name in tracked]
        grads = torch.autograd.grad(list(tracked.values()), list(leaves.values()), ups, allow_unused=True)
        results |= {f"grad.{name}": grad for name, grad in zip(leaves, grads) if grad is not None}
    return results


def module(op, call, dtype, put=lambda name, value: value):
    """The module, with modules that are named in its arguments."""

    def built(value):
        if isinstance(value, dict):
            others = {name: built(inner) for name, inner in value.items() if name != "module"}
            return getattr(torch.nn, value["module"].removeprefix("nn."))(**others)
        return value

    init = {name: built(value) for name, value in mapped("in.init", call.init, put).items()}
    return getattr(torch.nn, op.removeprefix("nn."))(**init).to(dtype)


def parameters(made):
    """Kind, name and tensor of each parameter and buffer; not of weights of a loss, which its constructor was given."""
    yield from (("param", name, tensor) for name, tensor in made.named_parameters())
    yield from (("buffer", name, tensor) for name, tensor in made.named_buffers() if not name.endswith("weight"))


def named(op, result):
    """Outputs by name: a list's are output.0, output.1, ..."""
    if op in OUTPUTS:
        return dict(zip(OUTPUTS[op], (tensor for _, tensor in tensors_in("", result))))
    found = result if isinstance(result, dict) else {"output": result}
    return {name.removeprefix("out."): tensor for name, tensor in tensors_in("out", found)}


def mapped(prefix, values, put):
    """Values with `put(name, value)` in place of each, also in lists."""

    def one(name, value):
        if isinstance(value, (list, tuple)):
            return type(value)(one(f"{name}.{i}", inner) for i, inner in enumerate(value))
        return put(name, value)

    return {name: one(f"{prefix}.{name}", value) for name, value in values.items()}


def tensors_in(name, value):
    """Names and tensors of arguments or outputs: `in.input`, and of a list `in.tensors.0`."""
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, (dict, list, tuple)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from tensors_in(f"{name}.{key}", inner)


def encoded(values, prefix):
    """Values as JSON: a tensor by its name, and numbers that JSON cannot hold."""

    def one(name, value):
        if isinstance(value, torch.Tensor):
            return {"tensor": name}
        if isinstance(value, float) and not math.isfinite(value):
            return {"float": {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")}
        return value

    return mapped(prefix, values, one)


def write(folder, op, cases):
    """Writes the cases of an op, a family of its own, and gives its line of the index."""
    blob = bytearray()
    for one in cases:
        entries = []
        for name, tensor in one["tensors"].items():
            array = (tensor.int() if tensor.dtype == torch.int64 else tensor).detach().numpy()
            blob.extend(bytes(-len(blob) % 8))
            where = {"shape": list(array.shape), "offset": len(blob), "length": array.size}
            entries.append({"name": name, "dtype": str(array.dtype), **where})
            blob.extend(array.tobytes())
        one["tensors"] = entries
    family = {
        "format": "golden",
        "version": 1,
        "family": op,
        "reference": f"torch {torch.__version__}",
        "bin": f"{op}.bin",
        "bin_bytes": len(blob),
        "sha256": hashlib.sha256(blob).hexdigest(),
        "count": len(cases),
        "cases": cases,
    }
    (folder / f"{op}.bin").write_bytes(blob)
    (folder / f"{op}.json").write_text(json.dumps(family, allow_nan=False) + "\n")
    return {"family": op, "cases": len(cases), "bytes": len(blob)}


if __name__ == "__main__":
    main()
