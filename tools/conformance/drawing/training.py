"""Random optimisers, schedules, initialisers and clippings, with the path that PyTorch takes."""

import math

import torch

from .draws import TRAINING, Call, draws, errors


@draws("clip_grad_norm_", "clip_grad_value_")
def clip(d, op):
    grads = [d.plain(d.shape(0, 2)) for _ in range(d.int(1, 4))]
    if op == "clip_grad_value_":
        return Call({"grads": grads, "clip_value": d.one(0.1, 1.0)}, kind="clip")
    options = {"max_norm": d.one(0.1, 1.0, 100.0), "norm_type": d.one(2.0, 1.0, math.inf, 3.0, 0.5)}
    return Call({"grads": grads, **options}, kind="clip")


@draws("swa_utils.AveragedModel")
def averaged_model(d, op):
    shape, steps = d.shape(0, 2), d.int(1, 30)
    weights = [d.normal(shape) * d.one(1, 1, 100) for _ in range(steps)]
    decay = d.one(None, None, 0.999, 0.9, 0.3, 0.0, 1.0)
    return Call({"weights": weights, "decay": decay}, fixed=[f"weights.{step}" for step in range(steps)])


@draws("optim.SGD", "optim.Adam", "optim.AdamW", "optim.Adamax", "optim.NAdam", "optim.RAdam", table=TRAINING)
@draws("optim.Adagrad", "optim.RMSprop", "optim.Adadelta", table=TRAINING)
def optimiser(d, op):
    name = op.removeprefix("optim.")
    nesterov = d.flag(0.3)
    betas, eps = {"betas": [d.one(0.9, 0.5, 0.0), d.one(0.999, 0.9, 0.5)]}, {"eps": d.one(1e-8, 1e-4, 1e-2)}
    decoupled = {"decoupled_weight_decay": d.flag()}
    momentum = {"momentum": 0.9 if nesterov else d.one(0, 0.9, 0.5), "dampening": 0 if nesterov else d.one(0, 0.3)}
    own = {
        "SGD": {**momentum, "nesterov": nesterov},
        "Adam": {**betas, **eps, **decoupled, "amsgrad": d.flag()},
        "AdamW": {**betas, **eps, "amsgrad": d.flag()},
        "Adamax": {**betas, **eps},
        "NAdam": {**betas, **eps, **decoupled, "momentum_decay": d.one(0.004, 0.1)},
        "RAdam": {**betas, **eps, **decoupled},
        "Adagrad": {**eps, "lr_decay": d.one(0, 0.1), "initial_accumulator_value": d.one(0, 0.5)},
        "RMSprop": {**eps, "alpha": d.one(0.99, 0.5), "momentum": d.one(0, 0.9), "centered": d.flag()},
        "Adadelta": {**eps, "rho": d.one(0.9, 0.5)},
    }[name]
    init = {"lr": d.one(1e-3, 1e-2, 0.1, 1.0), "weight_decay": d.one(0, 0, 0.1, 0.01), "maximize": d.flag(0.2), **own}
    steps = d.one(5, 40)
    starts = [d.normal(d.sizes(d.int(1, 2), 3)) for _ in range(d.int(1, 3))]
    gradients = [d.plain([steps, *start.shape]) for start in starts]
    groups = [{} for _ in starts]
    if d.flag(0.3):
        groups[-1] = {"lr": d.one(0.5, 0.02), "weight_decay": d.one(0, 0.2)}

    def path(dtype):
        parameters = [start.to(dtype, copy=True).requires_grad_() for start in starts]
        made = [{"params": [parameter], **group} for parameter, group in zip(parameters, groups)]
        of = getattr(torch.optim, name)(made, **{k: tuple(v) if isinstance(v, list) else v for k, v in init.items()})
        went = []
        for step in range(steps):
            for parameter, gradient in zip(parameters, gradients):
                parameter.grad = gradient[step].to(dtype)
            of.step()
            went.append([parameter.detach().clone() for parameter in parameters])
        return {f"out.param.{i}": torch.stack(points) for i, points in enumerate(zip(*went))}

    wide, narrow = path(torch.float64), path(torch.float32)
    tensors = {f"in.param.{i}": start for i, start in enumerate(starts)}
    tensors |= {f"in.gradients.{i}": gradient for i, gradient in enumerate(gradients)}
    return {
        "kind": "optimizer",
        "init": init,
        "problem": "parameter_groups" if any(groups) else "given_gradients",
        "groups": groups if any(groups) else [],
        "steps": steps,
        "f32_abs_err": errors(wide, narrow),
        "tensors": {**tensors, **wide},
    }


@draws("lr_scheduler.StepLR", "lr_scheduler.MultiStepLR", "lr_scheduler.ExponentialLR", table=TRAINING)
@draws("lr_scheduler.LinearLR", "lr_scheduler.ConstantLR", "lr_scheduler.PolynomialLR", table=TRAINING)
@draws("lr_scheduler.CosineAnnealingLR", "lr_scheduler.CosineAnnealingWarmRestarts", table=TRAINING)
@draws("lr_scheduler.OneCycleLR", "lr_scheduler.CyclicLR", "lr_scheduler.ReduceLROnPlateau", table=TRAINING)
def schedule(d, op):
    name = op.removeprefix("lr_scheduler.")
    total = d.int(5, 120)
    steps = total - 1 if name == "OneCycleLR" else d.one(25, 100)
    cycle = {"cycle_momentum": d.flag(), "base_momentum": d.real(0.5, 0.85), "max_momentum": d.real(0.86, 0.99)}
    init = {
        "StepLR": {"step_size": d.int(1, 30), "gamma": d.real(0.1, 1.2)},
        "MultiStepLR": {"milestones": sorted(d.int(0, 60) for _ in range(d.int(1, 5))), "gamma": d.real(0.1, 1.2)},
        "ExponentialLR": {"gamma": d.real(0.9, 1.01)},
        "LinearLR": {"start_factor": d.real(0.1, 1), "end_factor": d.real(0, 1), "total_iters": d.int(1, 60)},
        "ConstantLR": {"factor": d.real(0, 1), "total_iters": d.int(1, 30)},
        "PolynomialLR": {"total_iters": d.int(1, 60), "power": d.one(1.0, 2.0, 0.5)},
        "CosineAnnealingLR": {"T_max": d.int(1, 60), "eta_min": d.one(0, 0.01, 0.2)},
        "CosineAnnealingWarmRestarts": {"T_0": d.int(1, 20), "T_mult": d.int(1, 3), "eta_min": d.one(0, 0.01)},
        "OneCycleLR": {
            **cycle,
            "max_lr": d.real(0.1, 2),
            "total_steps": total,
            "pct_start": d.real(0.05, 0.45),
            "anneal_strategy": d.one("cos", "linear"),
            "div_factor": d.one(25.0, 2.0),
            "final_div_factor": d.one(1e4, 10.0),
            "three_phase": d.flag(),
        },
        "CyclicLR": {
            **cycle,
            "base_lr": d.real(0.001, 0.1),
            "max_lr": d.real(0.2, 1),
            "step_size_up": d.int(1, 30),
            "step_size_down": d.one(None, d.int(1, 30)),
            "mode": d.one("triangular", "triangular2", "exp_range"),
            "gamma": d.real(0.95, 1),
        },
        "ReduceLROnPlateau": {
            "mode": d.one("min", "max"),
            "factor": d.real(0.1, 0.9),
            "patience": d.int(0, 4),
            "threshold": d.one(1e-4, 0.1, 0.0),
            "threshold_mode": d.one("rel", "abs"),
            "cooldown": d.int(0, 3),
            "min_lr": d.one(0, 0.01),
            "eps": 1e-8,
        },
    }[name]
    groups = [{"lr": 0.1}, {"lr": 0.025}]
    optimizer = torch.optim.SGD([{"params": [torch.zeros(1)], **group} for group in groups], lr=0.1, momentum=0.9)
    made = getattr(torch.optim.lr_scheduler, name)(optimizer, **init)
    metrics = d.plain([steps])
    rows = []
    for step in range(steps + 1):
        rows.append([(group["lr"], group["momentum"]) for group in optimizer.param_groups])
        if step < steps:
            optimizer.step()
            made.step(*([metrics[step].item()] if name == "ReduceLROnPlateau" else []))
    went = torch.tensor(rows, dtype=torch.float64)
    tensors = {"out.lr": went[:, :, 0]}
    if name in ("OneCycleLR", "CyclicLR"):
        tensors["out.momentum"] = went[:, :, 1]
    if name == "ReduceLROnPlateau":
        tensors["in.metrics"] = metrics
    optimizer = {"name": "SGD", "momentum": 0.9, "groups": groups}
    return {"kind": "scheduler", "init": init, "optimizer": optimizer, "steps": steps, "tensors": tensors}


@draws("init.kaiming_normal_", "init.kaiming_uniform_", "init.xavier_normal_", "init.xavier_uniform_", table=TRAINING)
@draws("init.default_conv_or_linear", "init.calculate_gain", "init.fans", "init.eye_", "init.dirac_", table=TRAINING)
def initialiser(d, op):
    shape = [*d.sizes(2, 20), *d.sizes(d.int(0, 3), 4)]
    fan_in, fan_out = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    of, a = d.one("leaky_relu", "relu", "tanh", "linear", "selu", "sigmoid"), d.one(0, 0.2, math.sqrt(5))
    gain = torch.nn.init.calculate_gain(of, a)
    made = {"kind": "init", "tensors": {}}

    def normal(args, std, facts):
        bound = {"bound": math.sqrt(3) * std} if "uniform" in op else {}
        return {**made, "args": {"shape": shape, **args}, "expect": {**facts, "std": std, **bound}}

    if "kaiming" in op:
        mode = d.one("fan_in", "fan_out")
        fan = fan_in if mode == "fan_in" else fan_out
        return normal({"a": a, "mode": mode, "nonlinearity": of}, gain / math.sqrt(fan), {"fan": fan, "gain": gain})
    if "xavier" in op:
        scale = d.one(1.0, 2.0)
        std = scale * math.sqrt(2 / (fan_in + fan_out))
        return normal({"gain": scale}, std, {"fan_in": fan_in, "fan_out": fan_out})
    if op == "init.default_conv_or_linear":
        bound = 1 / math.sqrt(fan_in)
        return {**made, "args": {"shape": shape}, "expect": {"weight_bound": bound, "bias_bound": bound}}
    if op == "init.calculate_gain":
        param = a if of == "leaky_relu" else None
        return {**made, "args": {"nonlinearity": of, "param": param}, "expect": {"gain": gain}}
    if op == "init.fans":
        return {**made, "args": {"shape": shape}, "expect": {"fan_in": fan_in, "fan_out": fan_out}}
    if op == "init.eye_":
        shape = shape[:2]
        return {
            **made,
            "args": {"shape": shape},
            "tensors": {"out.output": torch.nn.init.eye_(torch.empty(shape).double())},
        }
    groups = d.int(1, 3)
    shape = [groups * d.int(1, 4), d.int(1, 4), *d.sizes(d.int(1, 3), 4)]
    output = torch.nn.init.dirac_(torch.empty(shape).double(), groups)
    return {**made, "args": {"shape": shape, "groups": groups}, "tensors": {"out.output": output}}
