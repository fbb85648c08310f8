"""Random legal calls of functions of tensors, and of activations: a short generator for each family.

A generator draws arguments by PyTorch's names. What PyTorch then refuses is drawn again, so that none needs to know
every rule.
"""

import math

from .draws import Call, draws, either, rank_of

# Activations


@draws("hardsigmoid", "hardswish", "logsigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softsign", "tanh")
@draws("abs", "exp", "log", "neg", "sqrt")
def unary(d, op):
    return Call({"input": d.values(d.shape()) * d.one(1, -1)}, fixed=d.unless_finite("input"))


@draws("celu", "elu", "hardtanh", "gelu", "leaky_relu", "softplus", "nn.ELU", "nn.Softplus")
def activation(d, op):
    low, high = sorted((d.real(-3, 3), d.real(-3, 3)))
    options = {
        "celu": {"alpha": d.one(1.0, 0.5, 2.0, -1.5, 30.0)},
        "elu": {"alpha": d.one(1.0, 0.5, 2.0, 0.0, -0.7, 30.0)},
        "hardtanh": {"min_val": low, "max_val": high},
        "gelu": {"approximate": d.one("none", "tanh")},
        "leaky_relu": {"negative_slope": d.one(0.01, 0.2, 0.0, -0.3, 1.5)},
        "softplus": {"beta": d.one(1.0, 2.0, 0.5, 5.0), "threshold": d.one(20.0, 10.0, 1.0, 0.0, 50.0)},
    }
    least = 1 if op.startswith("nn.") else 0
    x = {"input": d.values(d.shape(least)) * d.one(1, -1)}
    return either(op, x, options[op.removeprefix("nn.").lower()], fixed=d.unless_finite("input"))


@draws("softmax", "log_softmax", "nn.Softmax", "nn.LogSoftmax", "glu", "maxout")
def along(d, op):
    shape = d.shape(1)
    axis = d.axis(len(shape))
    options = {"dim": axis}
    if op == "glu":
        shape[axis] *= 2
    if op == "maxout":
        options["pool_size"] = d.int(1, 3)
        shape[axis] *= options["pool_size"]
    return either(op, {"input": d.values(shape)}, options, fixed=d.unless_finite("input"))


@draws("prelu", "nn.PReLU")
def prelu(d, op):
    shape = d.shape(2)
    slopes = d.one(1, max(shape[1], 1))
    x = {"input": d.values(shape)}
    return Call(x, {"num_parameters": slopes}) if op == "nn.PReLU" else Call({**x, "weight": d.values([slopes])})


# Elementwise


@draws("add", "sub", "mul", "div", "maximum", "minimum", "pow")
def binary(d, op):
    shape = d.shape(0, 3)
    x = d.values(d.smaller(shape))
    other = d.values(d.smaller(shape))
    if op not in ("maximum", "minimum") and d.flag(0.2):
        other = float(d.one(2, 3, 0.5, -1, 0, -2.5, 1e-3))
    fixed = d.unless_finite("input", "other") if op in ("maximum", "minimum") else ()
    args = {"input": x.abs() if op == "pow" and d.flag() else x, "exponent" if op == "pow" else "other": other}
    if op in ("add", "sub"):
        args["alpha"] = d.one(1, 1, 2, -0.5)
    if op == "div":
        args["rounding_mode"] = d.one(None, None, "floor", "trunc")
    return Call(args, fixed=fixed)


@draws("clamp")
def clamp(d, op):
    shape = d.shape(0, 3)
    bounds = [d.plain(d.smaller(shape)) for _ in range(2)] if d.flag() else [d.real(-2, 0), d.real(-1, 2)]
    left_out = d.int(0, 2)
    low, high = (None if i == left_out else bound for i, bound in enumerate(bounds))
    return Call({"input": d.values(shape), "min": low, "max": high}, fixed=d.unless_finite("input", "min", "max"))


@draws("where")
def where(d, op):
    shape = d.shape(0, 3)
    x, other = (d.values(d.smaller(shape)) for _ in range(2))
    return Call({"condition": d.mask(d.smaller(shape)), "input": x, "other": d.one(other, 1.5)})


# Products


@draws("matmul")
def matmul(d, op):
    m, k, n = (d.extent(d.one(6, 6, 70)) for _ in range(3))
    batch = d.shape(0, 2, 3)
    a, b = [*d.smaller(batch), m, k], [*d.smaller(batch), k, n]
    return Call({"input": d.values(d.one(a, a, a, [k])), "other": d.plain(d.one(b, b, b, [k]))})


@draws("bmm")
def bmm(d, op):
    n, m, k, p = (d.extent(6) for _ in range(4))
    return Call({"input": d.values([n, m, k]), "mat2": d.plain([n, k, p])})


@draws("einsum")
def einsum(d, op):
    sizes = {letter: d.int(1, 4) for letter in "ijklm"}
    terms = ["".join(d.some("ijklm", 0, 3)) for _ in range(d.int(1, 3))]
    if d.flag(0.15):
        terms[0] = "ii"
    result = "->" + "".join(d.some(sorted(set("".join(terms))), 0, 5))
    operands = [(d.plain if i else d.values)([sizes[letter] for letter in term]) for i, term in enumerate(terms)]
    return Call({"equation": ",".join(terms) + d.one(result, result, ""), "operands": operands})


@draws("linear", "nn.Linear")
def linear(d, op):
    of, to, bias = d.extent(6), d.extent(6), d.flag()
    if op == "nn.Linear":
        of, to = d.int(1, 6), d.int(1, 6)
        x = d.values([*d.shape(1, 3), of])
        return Call({"input": x}, {"in_features": of, "out_features": to, "bias": bias})
    return Call({"input": d.values([*d.shape(0, 3), of]), "weight": d.plain([to, of]), "bias": d.maybe(d.values([to]))})


@draws("bilinear", "nn.Bilinear")
def bilinear(d, op):
    i, j, to = d.sizes(3, 4)
    batch = d.shape(1, 2)
    inputs = {"input1": d.values([*batch, i]), "input2": d.plain([*batch, j])}
    if op == "nn.Bilinear":
        return Call(inputs, {"in1_features": i, "in2_features": j, "out_features": to, "bias": d.flag()})
    return Call({**inputs, "weight": d.plain([to, i, j]), "bias": d.maybe(d.values([to]))})


@draws("embedding", "nn.Embedding")
def embedding(d, op):
    words, size = d.int(1, 6), d.int(1, 4)
    options = {"padding_idx": d.one(None, d.axis(words)), "scale_grad_by_freq": d.flag()}
    x = {"input": d.whole(d.shape(1, 3), words)}
    if op == "nn.Embedding":
        return Call(x, {"num_embeddings": words, "embedding_dim": size, **options})
    return Call({**x, "weight": d.plain([words, size]), **options})


# Reductions


@draws("sum", "mean", "amax", "amin", "logsumexp", "var", "std")
def reduce(d, op):
    shape = d.shape(1)
    values = {"logsumexp": d.plain, "var": d.plain, "std": d.plain}.get(op, d.values)
    args = {"input": values(shape), "dim": d.axes(len(shape)), "keepdim": d.flag()}
    if op in ("var", "std"):
        # With as many numbers as are left out there is no variance, and what its gradient is a convention.
        dims = (
            range(len(shape)) if args["dim"] is None else [args["dim"]] if isinstance(args["dim"], int) else args["dim"]
        )
        count = math.prod(shape[axis] for axis in dims)
        args["correction"] = d.one(*(c for c in (0, 1, 2) if c < max(count, 1)))
    return Call(args)


@draws("prod", "argmax", "argmin", "max", "min", "cumsum")
def along_one(d, op):
    shape = d.shape(1)
    axis = d.axis(len(shape))
    args = {"input": d.finite(shape) if op == "prod" else d.values(shape), "dim": axis}
    if op in ("prod", "argmax", "argmin") and d.flag(0.3):
        args["dim"] = None
    return Call(args if op == "cumsum" else {**args, "keepdim": args["dim"] is not None and d.flag()})


@draws("normalize")
def normalize(d, op):
    shape = d.shape(1)
    p = d.one(2.0, 2.0, 1.0, 3.0, float("inf"))
    dim = d.axes(len(shape)) if p == 2 else d.axis(len(shape))
    return Call({"input": d.values(shape), "p": p, "dim": 0 if dim is None else dim, "eps": d.one(1e-12, 1e-3, 0.3)})


# Shapes


@draws("reshape", "permute", "transpose", "squeeze", "unsqueeze", "expand", "flip", "roll", "repeat", "tril", "triu")
def reshaped(d, op):
    shape = d.shape(2 if op in ("tril", "triu") else 1)
    rank = len(shape)
    if op in ("squeeze", "expand"):
        shape = [1 if d.flag(0.4) else n for n in shape]
    x = d.values(shape)
    order = [a - rank if d.flag(0.3) else a for a in d.some(range(rank), rank, rank)]
    dims = order[: d.int(1, rank)]
    # PyTorch passes over others.
    ones = [axis for axis in dims if shape[axis] == 1]
    target = [d.int(2, 4) if n == 1 and d.flag(0.7) else d.one(n, -1) for n in shape]
    options = {
        "reshape": {"shape": d.one([-1], shape[::-1], [x.numel(), 1], [-1, 2], [1, -1, 1])},
        "permute": {"dims": order},
        "transpose": {"dim0": d.axis(rank), "dim1": d.axis(rank)},
        "squeeze": {"dim": d.one(None, ones, *ones)},
        "unsqueeze": {"dim": d.int(-rank - 1, rank)},
        "expand": {"size": [d.extent(3) for _ in range(d.int(0, 2))] + target},
        "flip": {"dims": dims if d.flag(0.8) else []},
        "roll": {"shifts": [d.int(-7, 7) for _ in dims], "dims": dims} if d.flag(0.7) else {"shifts": d.int(-5, 5)},
        "repeat": {"repeats": [d.extent(3) for _ in range(d.int(rank, rank + 1))]},
        "tril": {"diagonal": d.int(-4, 4)},
        "triu": {"diagonal": d.int(-4, 4)},
    }
    return Call({"input": x, **options[op]})


@draws("cat", "stack")
def joined(d, op):
    shape = d.shape(1)
    axis = d.axis(len(shape))
    parts = [list(shape) for _ in range(d.int(1, 3))]
    if op == "stack":
        return Call({"tensors": [d.values(part) for part in parts], "dim": d.int(-len(shape) - 1, len(shape))})
    for part in parts:
        part[axis] = d.int(0, 3)
    return Call({"tensors": [d.values(part) for part in parts], "dim": axis})


@draws("chunk", "split", "narrow", "select", "slice")
def cut(d, op):
    shape = d.sizes(d.int(1, 4), 5)
    axis = d.axis(len(shape))
    n = shape[axis]
    start = d.int(0, n)
    position = lambda: d.one(None, d.int(-6, 6))  # noqa: E731
    x = d.values(shape)
    return Call(
        {
            "chunk": {"input": x, "chunks": d.int(1, 4), "dim": axis},
            "split": {"tensor": x, "split_size_or_sections": d.one(d.int(1, 4), [start, n - start]), "dim": axis},
            "narrow": {"input": x, "dim": axis, "start": start, "length": d.int(0, n - start)},
            "select": {"input": x, "dim": axis, "index": d.int(-n, n - 1)},
            "slice": {
                "input": x,
                "slices": [[position(), position(), d.one(None, 1, 2, 3)] for _ in d.some(shape, 0, 4)],
            },
        }[op]
    )


@draws("gather", "scatter", "scatter_add", "index_select")
def indexed(d, op):
    shape = d.sizes(d.int(1, 4), 4)
    axis = d.axis(len(shape))
    if op == "index_select":
        return Call({"input": d.values(shape), "dim": axis, "index": d.whole([d.int(0, 5)], shape[axis])})
    size = [d.int(1, n) for n in shape]
    size[axis] = d.int(0, 5)
    index = d.whole(size, shape[axis])
    if op == "scatter":
        # Each place is written once: which of several writes stays is nobody's promise.
        size[axis] = d.int(0, shape[axis])
        line = [shape[axis] if a == axis % len(shape) else n for a, n in enumerate(size)]
        index = d.normal(line).argsort(axis).narrow(axis, 0, size[axis])
    args = {"input": d.values(shape), "dim": axis, "index": index}
    if op == "gather":
        return Call(args)
    return Call({**args, "src": 1.5 if op == "scatter" and d.flag(0.3) else d.values(size)})


@draws("one_hot")
def one_hot(d, op):
    return Call({"input": d.whole(d.shape(), 4), "num_classes": d.one(-1, 4, 6)})


@draws("pad")
def pad(d, op):
    mode = d.one("constant", "reflect", "replicate", "circular")
    sides = d.int(1, 3)
    shape = d.shape(sides, 4) if mode == "constant" else d.sizes(sides + d.int(1, 2), 5)
    widths = [d.int(-1 if mode == "constant" else 0, 2) for _ in range(2 * sides)]
    value = d.one(None, 1.5) if mode == "constant" else None
    return Call({"input": d.values(shape), "pad": widths, "mode": mode, "value": value})


@draws("nn.CircularPad1d", "nn.ConstantPad1d", "nn.ReflectionPad1d", "nn.ReplicationPad1d", "nn.ZeroPad1d")
@draws("nn.CircularPad2d", "nn.ConstantPad2d", "nn.ReflectionPad2d", "nn.ReplicationPad2d", "nn.ZeroPad2d")
@draws("nn.CircularPad3d", "nn.ConstantPad3d", "nn.ReflectionPad3d", "nn.ReplicationPad3d", "nn.ZeroPad3d")
def pad_module(d, op):
    rank = rank_of(op)
    init = {"padding": d.one(d.int(0, 2), [d.int(0, 3) for _ in range(2 * rank)])}
    if "Constant" in op:
        init["value"] = d.one(0.0, 0.5, -3.0)
    return Call({"input": d.values([*d.sizes(d.int(1, 2), 3), *d.sizes(rank, 5)])}, init)
