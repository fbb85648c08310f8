"""PyTorch's side of the benchmark: JSON lines on standard input and output, see ../run/child.ts."""
import json
import math
import os
import resource
import sys
import time

THREADS = int(sys.argv[1])
# The libraries below read it when they are loaded.
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(THREADS)

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(THREADS)


def stream(seed, count, low=-1.0, high=1.0):
    """mulberry32 on whole arrays, see ../data.ts."""
    with np.errstate(over="ignore"):
        s = np.uint32(seed) + np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5)
        m = (s ^ (s >> 15)) * (s | np.uint32(1))
        m ^= m + (m ^ (m >> 7)) * (m | np.uint32(61))
        m ^= m >> 14
    return torch.from_numpy((low + (high - low) * (m.astype(np.float64) / 2**32)).astype(np.float32))


def draw(seed, *shape):
    return stream(seed, math.prod(shape)).reshape(shape)


def fingerprint(t):
    t = t.detach().double()
    magnitude = t.abs().sum().item()
    return [magnitude, magnitude + t.sum().item()]


class Builder:
    """Makes modules of the description in ../networks.ts; numbers the parameters in its order."""

    def __init__(self):
        self.count = 0

    def parameter(self, shape, fan):
        bound = 1 / math.sqrt(fan)
        seed = 100 + self.count
        self.count += 1
        return nn.Parameter(stream(seed, math.prod(shape), -bound, bound).reshape(shape))

    def linear(self, a, b):
        layer = nn.Linear(a, b)
        layer.weight = nn.Parameter(self.parameter((a, b), a).data.t().contiguous())
        layer.bias = self.parameter((b,), a)
        return layer

    def sequence(self, blocks):
        return nn.Sequential(*[self.build(block) for block in blocks])

    def build(self, b):
        op = b["op"]
        if op == "conv":
            layer = nn.Conv2d(b["from"], b["to"], b["kernel"], b["stride"], b["padding"], bias=b["bias"])
            fan = b["from"] * b["kernel"] ** 2
            layer.weight = self.parameter(tuple(layer.weight.shape), fan)
            if b["bias"]:
                layer.bias = self.parameter((b["to"],), fan)
            return layer
        if op == "batch-norm":
            return nn.BatchNorm2d(b["channels"])
        if op == "relu":
            return nn.ReLU()
        if op == "gelu":
            return nn.GELU()
        if op == "flatten":
            return nn.Flatten()
        if op == "max-pool":
            return nn.MaxPool2d(b["kernel"], b["stride"], b["padding"])
        if op == "mean":
            return Mean()
        if op == "linear":
            return self.linear(b["from"], b["to"])
        if op == "residual":
            return Residual(self.sequence(b["body"]), self.sequence(b["shortcut"]) if b["shortcut"] else None)
        if op == "lstm":
            return Lstm(self, b)
        if op == "tokens":
            return Tokens(self.parameter((1, b["count"], b["features"]), b["features"]))
        if op == "layer-norm":
            return nn.LayerNorm(b["features"])
        if op == "attention":
            return Attention(self.linear(b["features"], 3 * b["features"]), self.linear(b["features"], b["features"]), b["heads"])
        if op == "level":
            return Level(self, b)
        raise ValueError(f"unknown block {op}")


class Mean(nn.Module):
    def forward(self, x):
        return x.mean((2, 3)) if x.dim() == 4 else x.mean(1)


class Residual(nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        return self.body(x) + (x if self.shortcut is None else self.shortcut(x))


class Lstm(nn.Module):
    def __init__(self, builder, b):
        super().__init__()
        h = b["hidden"]
        self.lstm = nn.LSTM(b["from"], h, b["layers"], batch_first=True)
        with torch.no_grad():
            for k in range(b["layers"]):
                for name, a in (("ih", b["from"] if k == 0 else h), ("hh", h)):
                    getattr(self.lstm, f"weight_{name}_l{k}").copy_(builder.parameter((a, 4 * h), h).data.t())
                for name in ("ih", "hh"):
                    getattr(self.lstm, f"bias_{name}_l{k}").copy_(builder.parameter((4 * h,), h).data)

    def forward(self, x):
        return self.lstm(x)[0][:, -1]


class Tokens(nn.Module):
    def __init__(self, position):
        super().__init__()
        self.position = position

    def forward(self, x):
        return x.flatten(2).transpose(1, 2) + self.position


class Attention(nn.Module):
    def __init__(self, into, out, heads):
        super().__init__()
        self.into, self.out, self.heads = into, out, heads

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.into(x).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d))


class Level(nn.Module):
    def __init__(self, builder, b):
        super().__init__()
        self.encode = builder.sequence(b["encode"])
        self.inner = builder.sequence(b["inner"])
        self.up = nn.ConvTranspose2d(b["from"], b["to"], 2, 2)
        self.up.weight = builder.parameter((b["from"], b["to"], 2, 2), b["from"] * 4)
        self.up.bias = builder.parameter((b["to"],), b["from"] * 4)
        self.decode = builder.sequence(b["decode"])

    def forward(self, x):
        skip = self.encode(x)
        return self.decode(torch.cat([skip, self.up(self.inner(F.max_pool2d(skip, 2)))], 1))


def conv(t):
    n, c, size, o, k, p, g = (t[name] for name in ("batch", "channels", "size", "filters", "kernel", "padding", "groups"))
    x, w = draw(1, n, c, size, size), draw(2, o, c // g, k, k)
    if t["part"] == "forward":
        return lambda: F.conv2d(x, w, padding=p, groups=g)
    y = draw(4, n, o, size + 2 * p - k + 1, size + 2 * p - k + 1)
    wants = (t["part"] == "input", t["part"] == "weight", False)

    def gradient():
        out = torch.ops.aten.convolution_backward(y, x, w, None, (1, 1), (p, p), (1, 1), False, (0, 0), g, wants)
        return out[0] if wants[0] else out[1]

    return gradient


def batch_norm(t):
    shape = t["shape"]
    x = draw(1, *shape).requires_grad_()
    up = draw(2, *shape)
    weight, bias = torch.ones(shape[1], requires_grad=True), torch.zeros(shape[1], requires_grad=True)
    mean, var = torch.zeros(shape[1]), torch.ones(shape[1])
    return lambda: torch.autograd.grad(F.batch_norm(x, mean, var, weight, bias, True, 0.1, 1e-5), (x, weight, bias), up)[0]


def max_pool(t):
    n, c, h, w = t["shape"]
    k = t["kernel"]
    x, up = draw(1, n, c, h, w).requires_grad_(), draw(3, n, c, h // k, w // k)
    return lambda: torch.autograd.grad(F.max_pool2d(x, k), (x,), up)[0]


def small_add(t):
    x, y = stream(1, t["length"]), stream(2, t["length"])
    times = t["times"]

    def work():
        for _ in range(times):
            z = x + y
        return z

    return work


def forward_only(t):
    kind = t["kind"]
    if kind == "matmul":
        a, b = draw(1, t["size"], t["size"]), draw(2, t["size"], t["size"])
        return lambda: a @ b
    if kind == "conv":
        return conv(t)
    if kind == "relu":
        x = stream(1, t["length"])
        return lambda: F.relu(x)
    if kind == "add":
        x, y = stream(1, t["length"]), stream(2, t["length"])
        return lambda: x + y
    if kind == "small-add":
        return small_add(t)
    if kind == "softmax":
        x = draw(3, *t["shape"])
        return lambda: F.softmax(x, -1)
    if kind == "infer":
        model = Builder().sequence(t["network"]).eval()
        x = draw(1, *t["input"])
        return lambda: model(x)
    raise ValueError(f"cannot: {kind}")


def train(t):
    model = Builder().sequence(t["network"])
    x = draw(1, *t["input"])
    n = x.shape[0]
    if t["loss"] == "cross-entropy":
        target = torch.arange(n) * 7 % 10
        loss_of = lambda y: F.cross_entropy(y, target)
    else:
        target = (stream(2, math.prod([n, 1, *x.shape[2:]])) > 0).float().reshape(n, 1, *x.shape[2:])
        loss_of = lambda y: F.binary_cross_entropy_with_logits(y, target)
    parameters = list(model.parameters())
    optimizer = torch.optim.SGD(parameters, 0.01, 0.9) if t["optimizer"] == "sgd" else torch.optim.Adam(parameters, 1e-3)
    losses = []

    def step():
        optimizer.zero_grad()
        loss = loss_of(model(x))
        loss.backward()
        optimizer.step()
        value = loss.item()
        if len(losses) < 3:
            losses.append(value)

    return step, lambda: losses


def prepare(t):
    """The work, its check and how many units it is."""
    if t["kind"] == "train":
        return (*train(t), 1)
    if t["kind"] in ("batch-norm", "max-pool"):
        work = batch_norm(t) if t["kind"] == "batch-norm" else max_pool(t)
        return work, lambda: fingerprint(work()), 1
    inner = forward_only(t)

    def work():
        with torch.inference_mode():
            return inner()

    return work, lambda: fingerprint(work()), t.get("times", 1)


def timed(work, calls=1):
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - start) * 1e3


# In this time the system has given threads that wake up on one core a core each.
WAKING_MS = 40


def warm(work, ms, least=1):
    """Calls that are not counted: `least` at least, and no more once they have taken so long."""
    total, count = 0.0, 0
    while count < least or (total < ms and count < 1000):
        total += timed(work)
        count += 1


def answer(request, current):
    do = request["do"]
    if do == "prepare":
        current[:] = prepare(request["task"])
        return {"ms": timed(current[0]) / current[2]}
    work, check, units = current
    if do == "check":
        return {"check": check()}
    if do == "warm":
        warm(work, request["ms"], 2)
        return {"ms": timed(work)}
    if do == "sample":
        # While the others had their turn, threads went to sleep and caches went to them.
        warm(work, WAKING_MS)
        return {"ms": timed(work, request["calls"]) / request["calls"] / units}
    if do == "memory":
        return {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    raise ValueError(f"unknown request {do}")


def main():
    say = lambda message: print(json.dumps(message), flush=True)
    say({"engine": f"PyTorch {torch.__version__}, Python {sys.version.split()[0]}"})
    current = []
    for line in sys.stdin:
        try:
            say(answer(json.loads(line), current))
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    if len(sys.argv) > 2:
        # Start to first result, see ../workloads/coldstart.ts.
        prepare(json.loads(sys.argv[2]))[0]()
        print("done", flush=True)
    else:
        main()
