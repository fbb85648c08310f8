"""What random calls are made of: numbers, shapes, axes and tensors."""

import math
from dataclasses import dataclass, field

import torch

# The largest has one sign: in a sum of both, what is left is what rounding leaves.
EDGES = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 6.0, 20.0, -20.0, 90.0, -104.0, 1e4, -1e4, 1e30, 1e-30, 1e-40)
SPECIAL = {"edges": EDGES, "infinite": (*EDGES, *[math.inf, -math.inf, math.nan] * 3)}


@dataclass
class Call:
    """A call of a function, or of a module that `init` makes; argument names are PyTorch's."""

    args: dict
    init: dict = field(default_factory=dict)
    training: bool = True
    kind: str | None = None
    # Arguments for which no gradient is asked: PyTorch has none, or a mask.
    fixed: tuple = ()


class NotACase(Exception):
    """What was drawn says nothing: PyTorch refuses it, or computes in float32 something else than in float64."""


def errors(wide, narrow):
    """How far each float32 result lies from the float64 one, where both are finite."""
    found = {}
    for name in wide:
        if not wide[name].is_floating_point():
            continue
        outside = [torch.where(t.isfinite(), 0.0, t) for t in (wide[name].float(), narrow[name])]
        if not torch.allclose(*outside, equal_nan=True):
            raise NotACase(f"{name} leaves the range of float32 on the way")
        error = (narrow[name].double() - wide[name])[narrow[name].isfinite()].abs()
        found[name] = float(f"{error.max().item():.3g}") if error.numel() else 0.0
    return found


# The generator of each function and module, and of each optimiser, schedule and initialiser.
CALLS, TRAINING = {}, {}


def draws(*ops, table=CALLS):
    """Registers the generator of these ops: `generator(draw, op)`."""

    def register(generator):
        table.update(dict.fromkeys(ops, generator))
        return generator

    return register


def either(op, inputs, options, **more):
    """A function takes its options with its inputs, a module takes them when it is made."""
    return Call(inputs, options, **more) if op.startswith("nn.") else Call({**inputs, **options}, **more)


def rank_of(op):
    """Spatial axes: 2 of conv2d."""
    return int(op[-2])


class Draw:
    """Random choices. Numbers can all be held by float32."""

    def __init__(self, generator):
        self.generator = generator
        # How the numbers of one case are spread.
        self.spread = self.one("normal", "normal", "normal", "ties", "ties", "wide", "edges", "infinite")
        # Some are so large that kernels work on whole vectors and divide among threads.
        self.large = self.flag(0.08)

    def int(self, least, most):
        return int(self.generator.integers(least, most + 1))

    def real(self, least, most):
        return round(float(self.generator.uniform(least, most)), 3)

    def one(self, *choices):
        return choices[self.int(0, len(choices) - 1)]

    def flag(self, chance=0.5):
        return bool(self.generator.random() < chance)

    def maybe(self, value, chance=0.5):
        return value if self.flag(chance) else None

    def some(self, choices, least, most):
        """Different ones, in any order."""
        return [choices[i] for i in self.generator.permutation(len(choices))[: self.int(least, most)]]

    def extent(self, most):
        """Sometimes 0, often 1."""
        return 0 if self.flag(0.03) else self.int(1, most)

    def shape(self, least=0, most=4, largest=4):
        if self.large:
            most, largest = max(least, 2), 60
        return [self.extent(largest) for _ in range(self.int(least, most))]

    def sizes(self, rank, largest):
        return [self.int(1, largest) for _ in range(rank)]

    def smaller(self, shape):
        """A shape that broadcasts to another one."""
        some = [1 if self.flag(0.3) else n for n in shape]
        return some[self.int(0, len(some)) :] if self.flag(0.3) else some

    def axis(self, rank):
        return self.int(-rank, rank - 1)

    def axes(self, rank):
        """One, several, or none, which is all."""
        several = [a - rank if self.flag(0.3) else a for a in self.some(range(rank), 1, rank)]
        return self.one(None, self.axis(rank), several)

    def per(self, rank, least, most):
        """A number for all spatial axes, or one for each."""
        return self.int(least, most) if self.flag(0.4) else [self.int(least, most) for _ in range(rank)]

    def normal(self, shape):
        return self.rounded(self.generator.standard_normal(tuple(shape)))

    def positive(self, shape):
        return self.rounded(self.generator.random(tuple(shape)) * 3 + 0.05)

    def unit(self, shape):
        return self.rounded(self.generator.random(tuple(shape)) * 0.96 + 0.02)

    def whole(self, shape, below, least=0):
        return torch.from_numpy(self.generator.integers(least, max(below, least + 1), tuple(shape)))

    def mask(self, shape, chance=0.5):
        return torch.tensor(self.generator.random(tuple(shape)) < chance)

    def values(self, shape, special=("edges", "infinite")):
        """As the case has them: normal, small integers (ties), of many magnitudes, or with special ones among them."""
        values = self.normal(shape)
        if self.spread == "ties":
            return self.whole(shape, 3, -2).double()
        if self.spread == "wide":
            return self.rounded(values * 10.0 ** self.generator.uniform(-3, 3, tuple(shape)))
        if self.spread in special:
            pool = torch.tensor(SPECIAL[self.spread], dtype=torch.float64)
            chosen = pool[self.whole(shape, len(pool))]
            return self.rounded(torch.where(self.mask(shape, 0.3), chosen, values * 3))
        return values

    def finite(self, shape):
        """As values, but neither infinite nor NaN."""
        return self.values(shape, special=("edges",))

    def plain(self, shape):
        """As values, but none whose square float32 cannot hold."""
        return self.values(shape, special=())

    def unless_finite(self, *names):
        """Arguments of which only values are compared where NaN and infinities are drawn.

        Gradients are a convention there, and PyTorch's depend on whether a number came into a vector of its kernel.
        """
        return names if self.spread == "infinite" else ()

    def state(self, name, like):
        """A parameter or buffer of a module, by what its name says of it."""
        if name.endswith("running_var"):
            return self.positive(like.shape)
        return self.whole(like.shape, 5) if name.endswith("num_batches_tracked") else self.normal(like.shape)

    @staticmethod
    def rounded(values):
        return torch.as_tensor(values, dtype=torch.float64).float().double()
