"""Random legal calls of layers and losses, as functions and as modules: a short generator for each family."""

import torch
import torch.nn.functional as F

from .draws import Call, draws, either, rank_of

# Buffers and weights of losses: PyTorch has no gradient for them, or refuses to be asked.
FIXED = ("running_mean", "running_var", "running_whitening")


# Convolution


def channels(d):
    groups = d.one(1, 1, 2, 3)
    of, to = groups * d.int(1, 3), groups * d.int(1, 3)
    # Depthwise; and so many channels that kernels take whole vectors.
    return d.one((groups, of, to), (groups, of, to), (of, of, of * d.int(1, 2)), (1, d.int(8, 20), d.int(8, 20)))


def spatial(d, rank):
    most = {1: 300, 2: 30, 3: 9}[rank] if d.large else {1: 12, 2: 9, 3: 5}[rank]
    return [d.int(1, most) for _ in range(rank)]


def windows(d, rank):
    return d.one([d.int(1, {1: 4, 2: 4, 3: 3}[rank]) for _ in range(rank)], [3] * rank, [1] * rank)


def spread(value, rank):
    """A number for each spatial axis."""
    return [value] * rank if isinstance(value, int) else value


def batched(d, *shape):
    """With a batch in front, perhaps an empty one, or without."""
    return d.one([d.int(1, 3), *shape], [d.int(1, 3), *shape], [d.extent(2), *shape], [*shape])


@draws("conv1d", "conv2d", "conv3d", "nn.Conv1d", "nn.Conv2d", "nn.Conv3d")
def convolution(d, op):
    rank = rank_of(op)
    groups, of, to = channels(d)
    kernel = windows(d, rank)
    x = d.finite(batched(d, of, *spatial(d, rank)))
    stride, padding = d.one(1, d.per(rank, 1, 3)), d.one(0, d.per(rank, 0, 3), d.per(rank, 0, 3), "same", "valid")
    options = {
        "stride": 1 if padding == "same" else stride,
        "padding": padding,
        "dilation": d.one(1, d.per(rank, 1, 3)),
        "groups": groups,
    }
    if op.startswith("nn."):
        mode = d.one("zeros", "reflect", "replicate", "circular")
        made = {"in_channels": of, "out_channels": to, "kernel_size": kernel, "bias": d.flag(), "padding_mode": mode}
        return Call({"input": x}, {**made, **options})
    weight = d.plain([to, of // groups, *kernel])
    return Call({"input": x, "weight": weight, "bias": d.maybe(d.finite([to])), **options})


@draws("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
@draws("nn.ConvTranspose1d", "nn.ConvTranspose2d", "nn.ConvTranspose3d")
def transposed(d, op):
    rank = rank_of(op)
    groups, of, to = channels(d)
    kernel = windows(d, rank)
    size = spatial(d, rank)
    x = d.finite(batched(d, of, *size))
    options = {
        "stride": d.one(1, d.per(rank, 1, 3)),
        "padding": d.one(0, d.per(rank, 0, 2)),
        "output_padding": d.one(0, d.per(rank, 0, 2)),
        "groups": groups,
        "dilation": d.one(1, d.per(rank, 1, 3)),
    }
    made = {"in_channels": of, "out_channels": to, "kernel_size": kernel, "bias": d.flag(), **options}
    # Of an empty batch PyTorch takes more than of one image.
    output = getattr(torch.nn, f"ConvTranspose{rank}d")(**made)(torch.zeros([1, of, *size])).shape[-rank:]
    if 0 in output:
        raise ValueError("nothing is left")
    if op.startswith("nn."):
        if d.flag(0.7):
            return Call({"input": x}, made)
        return Call({"input": x, "output_size": list(output)}, {**made, "output_padding": 0})
    weight = d.plain([of, to // groups, *kernel])
    return Call({"input": x, "weight": weight, "bias": d.maybe(d.finite([to])), **options})


@draws("unfold", "fold")
def folded(d, op):
    size, kernel = spatial(d, 2), d.per(2, 1, 3)
    options = {"dilation": d.per(2, 1, 2), "padding": d.per(2, 0, 2), "stride": d.per(2, 1, 3)}
    x = d.finite([d.int(1, 2), d.int(1, 3), *size])
    if op == "unfold":
        return Call({"input": x, "kernel_size": kernel, **options})
    columns = F.unfold(x, kernel, **options) if fits(size, kernel, options) else x
    return Call({"input": d.finite(columns.shape), "output_size": size, "kernel_size": kernel, **options})


def fits(size, kernel, options):
    """Whether a window fits into each padded axis."""
    k, dilation, padding = (spread(v, 2) for v in (kernel, options["dilation"], options["padding"]))
    return all(n + 2 * p > step * (w - 1) for n, w, step, p in zip(size, k, dilation, padding))


# Pooling


def read_input(n, kernel, stride, padding, dilation):
    """A window of padding alone has no index: PyTorch gives one outside the input, and its gradient writes there."""
    for start in range(-padding, 0, stride):
        if not any(0 <= start + i * dilation < n for i in range(kernel)):
            raise ValueError("a window reads only padding")


@draws("max_pool1d", "max_pool2d", "max_pool3d", "nn.MaxPool1d", "nn.MaxPool2d", "nn.MaxPool3d")
@draws("avg_pool1d", "avg_pool2d", "avg_pool3d", "nn.AvgPool1d", "nn.AvgPool2d", "nn.AvgPool3d")
@draws("lp_pool1d", "lp_pool2d", "nn.LPPool1d", "nn.LPPool2d", "nn.LPPool3d")
def pooling(d, op):
    rank = rank_of(op)
    x = batched(d, d.int(1, 3), *spatial(d, rank))
    x = d.finite(x) if "lp" in op.lower() else d.values(x)
    kernel = d.per(rank, 1, 4)
    options = {"kernel_size": kernel, "stride": d.one(None, d.per(rank, 1, 3)), "ceil_mode": d.flag()}
    if "lp" in op.lower():
        options["norm_type"] = d.one(1.0, 2.0, 3.0, 4.0, 1.5)
        # PyTorch raises the numbers themselves, not their magnitudes; and the root has no gradient at 0.
        x = x.abs() + 0.125
        if rank == 1:
            options |= {name: v[0] if isinstance(v, list) else v for name, v in options.items()}
        return either(op, {"input": x}, options)
    options["padding"] = d.int(0, kernel // 2) if isinstance(kernel, int) else [d.int(0, k // 2) for k in kernel]
    if "max" in op.lower():
        options |= {"dilation": d.per(rank, 1, 2), "return_indices": True}
        steps = options["stride"] or kernel
        for axis in zip(
            x.shape[-rank:], *(spread(v, rank) for v in (kernel, steps, options["padding"], options["dilation"]))
        ):
            read_input(*axis)
        return either(op, {"input": x}, options)
    options["count_include_pad"] = d.flag()
    if rank > 1:
        options["divisor_override"] = d.one(None, None, 3, -2)
    return either(op, {"input": x}, options)


@draws("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")
@draws("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d")
@draws("nn.AdaptiveMaxPool1d", "nn.AdaptiveMaxPool2d", "nn.AdaptiveMaxPool3d")
@draws("nn.AdaptiveAvgPool1d", "nn.AdaptiveAvgPool2d", "nn.AdaptiveAvgPool3d")
def adaptive(d, op):
    rank = rank_of(op)
    x = d.values(batched(d, d.int(1, 3), *spatial(d, rank)))
    size = d.per(rank, 1, 5)
    if rank > 1 and isinstance(size, list) and d.flag(0.3):
        size[d.int(0, rank - 1)] = None
    indices = {"return_indices": True} if "max" in op.lower() else {}
    return either(op, {"input": x}, {"output_size": size, **indices})


# Normalisation


def features(d, rank):
    """[N, C, ...], sometimes far from 0 or constant."""
    x = d.plain([d.int(1, 4), d.int(1, 6), *d.sizes(rank, 4)])
    return d.one(x, x, x, x, x, x, d.rounded(x + 100), torch.full_like(x, 1.5))


def affine(d, shape):
    return {"weight": d.maybe(d.normal(shape)), "bias": d.maybe(d.normal(shape))}


def epsilon(d):
    return d.one(1e-5, 1e-5, 1e-3, 0.5, 1e-8)


@draws("batch_norm", "instance_norm")
def running(d, op):
    x = features(d, d.int(0 if op == "batch_norm" else 1, 3))
    count = x.shape[1]
    kept, train = d.flag(), d.flag()
    statistics = {"running_mean": d.normal([count]), "running_var": d.positive([count])}
    mode = {"training" if op == "batch_norm" else "use_input_stats": train or not kept}
    options = {"momentum": d.one(0.1, 0.3, 0.0, 1.0), "eps": epsilon(d)}
    args = {
        "input": x,
        **dict.fromkeys(statistics),
        **(statistics if kept else {}),
        **affine(d, [count]),
        **mode,
        **options,
    }
    return Call(args, fixed=FIXED)


@draws("nn.BatchNorm1d", "nn.BatchNorm2d", "nn.BatchNorm3d")
@draws("nn.InstanceNorm1d", "nn.InstanceNorm2d", "nn.InstanceNorm3d")
def running_module(d, op):
    rank = rank_of(op)
    x = features(d, d.one(0, 1) if op == "nn.BatchNorm1d" else rank)
    flags = {"affine": d.flag(), "track_running_stats": d.flag()}
    # Without momentum PyTorch's instance norm keeps the statistics that it began with.
    momentum = d.one(0.1, 0.5, 0.1 if "Instance" in op else None)
    init = {"num_features": x.shape[1], "eps": epsilon(d), "momentum": momentum, **flags}
    if "Instance" in op and x[0, 0].numel() == 1:
        raise ValueError("one number has no variance")
    return Call({"input": x}, init, training=d.flag())


@draws("decorrelated_batch_norm")
def decorrelated(d, op):
    d.spread = "normal"
    x = d.plain([d.int(2, 4), d.int(1, 6), *d.sizes(d.int(0, 2), 4)])
    count = x.shape[1]
    groups = d.one(*(g for g in range(1, count + 1) if count % g == 0))
    size = count // groups
    root = d.normal([groups, size, size])
    whitening = d.rounded(root @ root.mT + torch.eye(size))
    kept, train = d.flag(), d.flag()
    statistics = {"running_mean": d.normal([count]), "running_whitening": whitening}
    given = {**dict.fromkeys(statistics), **(statistics if kept else {}), **affine(d, [count])}
    options = {
        "training": train or not kept,
        "momentum": d.one(0.1, 0.5, 1.0),
        "eps": d.one(1e-3, 1e-2, 0.5),
        "groups": groups,
    }
    return Call({"input": x, **given, **options}, fixed=FIXED)


@draws("layer_norm", "rms_norm", "nn.LayerNorm", "nn.RMSNorm")
def over_last(d, op):
    x = features(d, d.int(0, 3))
    shape = list(x.shape[-d.int(1, x.ndim - 1) :])
    name = "x" if op == "nn.RMSNorm" else "input"
    eps = d.one(None, epsilon(d)) if "rms" in op.lower() else epsilon(d)
    if op.startswith("nn."):
        more = {"bias": d.flag()} if op == "nn.LayerNorm" else {}
        return Call({name: x}, {"normalized_shape": shape, "eps": eps, "elementwise_affine": d.flag(), **more})
    given = affine(d, shape)
    if op == "rms_norm":
        del given["bias"]
    return Call({name: x, "normalized_shape": shape, **given, "eps": eps})


@draws("group_norm", "nn.GroupNorm")
def group_norm(d, op):
    x = features(d, d.int(0, 3))
    count = x.shape[1]
    options = {"num_groups": d.one(*(g for g in range(1, count + 1) if count % g == 0)), "eps": epsilon(d)}
    if x[0].numel() == options["num_groups"]:
        raise ValueError("one number has no variance")
    if op == "nn.GroupNorm":
        return Call({"input": x}, {**options, "num_channels": count, "affine": d.flag()})
    return Call({"input": x, **options, **affine(d, [count])})


@draws("local_response_norm", "nn.LocalResponseNorm")
def local_response_norm(d, op):
    options = {"alpha": d.one(1e-4, 0.5, 1.0), "beta": d.one(0.75, 0.5, 1.0, 2.0), "k": d.one(1.0, 2.0, 0.5)}
    return either(op, {"input": features(d, d.int(1, 3))}, {"size": d.int(1, 7), **options})


# Sequences


@draws("nn.RNN", "nn.LSTM", "nn.GRU", "nn.RNNCell", "nn.LSTMCell", "nn.GRUCell")
def recurrent(d, op):
    size, hidden, n, steps = d.sizes(4, 4)
    init = {"input_size": size, "hidden_size": hidden, "bias": d.flag()}
    if "RNN" in op:
        init["nonlinearity"] = d.one("tanh", "relu")
    lead, states, state_size = [n], [n], hidden
    if not op.endswith("Cell"):
        layers, both_ways, batch_first = d.int(1, 3), d.flag(), d.flag()
        init |= {"num_layers": layers, "bidirectional": both_ways, "batch_first": batch_first, "dropout": 0.0}
        lead, states = [n, steps] if batch_first else [steps, n], [layers * (1 + both_ways), n]
    if op == "nn.LSTM" and hidden > 1 and d.flag(0.3):
        init["proj_size"] = state_size = d.int(1, hidden - 1)
    args = {"input": d.finite([*lead, size])}
    if d.flag():
        h = d.finite([*states, state_size])
        args["hx"] = (h, d.finite([*states, hidden])) if "LSTM" in op else h
    return Call(args, init)


def masks(d, shape, padded, names):
    """What is left out: for attention and for padding, but never the first key, and of one kind."""
    mask, padding = d.mask(shape, 0.3), d.mask(padded, 0.3)
    for one in (mask, padding):
        one[..., :1] = False
    attention = d.one(None, mask, d.normal(shape))
    both = attention is None or attention.dtype == torch.bool
    return {names[0]: attention, names[1]: d.maybe(padding) if both else None}


@draws("scaled_dot_product_attention")
def attention(d, op):
    batch, (queries, keys, size, out) = d.sizes(d.int(0, 2), 3), d.sizes(4, 5)
    grouped = d.flag(0.2)
    heads = [2, d.int(1, 2)]
    if grouped:
        batch = [2, heads[1] * d.int(1, 3)]
    shared = heads if grouped else batch
    causal = d.flag(0.25)
    shape = [*batch[d.int(0, len(batch)) :], queries, keys]
    float_mask = torch.where(d.mask(shape, 0.3), -torch.inf, d.normal(shape))
    args = {"query": d.finite([*batch, queries, size]), "key": d.finite([*shared, keys, size])}
    args |= {"value": d.finite([*shared, keys, out]), "dropout_p": 0.0, "is_causal": causal, "enable_gqa": grouped}
    args |= {
        "scale": d.one(None, None, 0.5),
        "attn_mask": None if causal else d.one(None, d.mask(shape, 0.6), float_mask),
    }
    return Call(args, fixed=("attn_mask",))


@draws("nn.MultiheadAttention")
def multi_head(d, op):
    heads = d.int(1, 3)
    size = heads * d.int(1, 3)
    n, queries, keys = d.sizes(3, 4)
    own = d.flag(0.3)
    kdim, vdim = (d.int(1, 4), d.int(1, 4)) if own else (None, None)
    first = d.flag()
    init = {"embed_dim": size, "num_heads": heads, "dropout": 0.0, "bias": d.flag(), "batch_first": first}
    init |= {"add_bias_kv": d.flag(0.3), "add_zero_attn": d.flag(0.3), "kdim": kdim, "vdim": vdim}
    alone = d.flag(0.2)
    shape = lambda length, of: [length, of] if alone else [n, length, of] if first else [length, n, of]  # noqa: E731
    args = {"query": d.normal(shape(queries, size)), "key": d.normal(shape(keys, kdim or size))}
    args |= {"value": d.normal(shape(keys, vdim or size)), "average_attn_weights": d.flag()}
    left_out = masks(d, [queries, keys], [keys] if alone else [n, keys], ("attn_mask", "key_padding_mask"))
    return Call({**args, **left_out}, init, fixed=("attn_mask",))


@draws("nn.TransformerEncoderLayer", "nn.TransformerEncoder")
def transformer(d, op):
    heads, n, steps = d.sizes(3, 3)
    # The norm of two numbers leaves their order alone: its gradient is what rounding leaves.
    size = heads * d.int(4 - heads, 4)
    first = d.flag()
    layer = {"d_model": size, "nhead": heads, "dim_feedforward": d.int(1, 6), "dropout": 0.0, "batch_first": first}
    layer |= {
        "activation": d.one("relu", "gelu"),
        "norm_first": d.flag(),
        "layer_norm_eps": d.one(1e-5, 1e-2),
        "bias": d.flag(),
    }
    src = d.normal([n, steps, size] if first else [steps, n, size])
    if op == "nn.TransformerEncoderLayer":
        left_out = masks(d, [steps, steps], [n, steps], ("src_mask", "src_key_padding_mask"))
        return Call({"src": src, **left_out}, layer, fixed=("src_mask",))
    left_out = masks(d, [steps, steps], [n, steps], ("mask", "src_key_padding_mask"))
    norm = d.maybe({"module": "nn.LayerNorm", "normalized_shape": [size], "eps": d.one(1e-5, 1e-2)})
    init = {"encoder_layer": {"module": "nn.TransformerEncoderLayer", **layer}, "num_layers": d.int(1, 2), "norm": norm}
    return Call({"src": src, **left_out}, init, fixed=("mask",))


# Sampling


@draws("interpolate")
def interpolate(d, op):
    rank = d.one(1, 2, 2, 3)
    mode = d.one(
        "nearest", "area", {1: "linear", 2: "bilinear", 3: "trilinear"}[rank], *(["bicubic"] if rank == 2 else [])
    )
    smooth = mode not in ("nearest", "area")
    x = d.finite([d.int(1, 2), d.int(1, 3), *spatial(d, rank)])
    factors = d.one(2.0, 0.5, 1.5, 3.0, 0.7, 1.3, 1 / 3, [d.real(0.3, 3) for _ in range(rank)])
    size = d.one(None, d.per(rank, 1, 10))
    args = {"input": x, "size": size, "scale_factor": factors if size is None else None, "mode": mode}
    args["align_corners"] = d.one(None, True, False) if smooth else None
    args["recompute_scale_factor"] = d.one(None, True, False) if size is None else None
    args["antialias"] = mode in ("bilinear", "bicubic") and d.flag(0.3)
    # PyTorch 2.13 reads wrong rows there: over each axis by itself it computes something else.
    if args["antialias"] and F.interpolate(**args).shape[-1] == 1:
        raise ValueError("antialiased to a width of 1")
    # PyTorch's gradient of nearest by a factor, over one or three axes, is not that of what it computes.
    by_factor = mode == "nearest" and rank != 2 and size is None and not args["recompute_scale_factor"]
    return Call(args, fixed=("input",) if by_factor else ())


@draws("pixel_shuffle", "pixel_unshuffle")
def pixel_shuffle(d, op):
    factor, size = d.int(1, 3), d.sizes(2, 3)
    if op == "pixel_shuffle":
        return Call({"input": d.finite([*d.shape(0, 2), d.int(1, 2) * factor**2, *size]), "upscale_factor": factor})
    shape = [*d.shape(0, 2), d.int(1, 2), *(n * factor for n in size)]
    return Call({"input": d.finite(shape), "downscale_factor": factor})


# Losses


@draws("mse_loss", "nn.MSELoss", "l1_loss", "nn.L1Loss")
@draws("smooth_l1_loss", "nn.SmoothL1Loss", "huber_loss", "nn.HuberLoss")
def distance(d, op):
    shape = d.shape(0, 3)
    options = {"reduction": d.one("mean", "sum", "none")}
    if "smooth" in op.lower():
        options["beta"] = d.one(1.0, 0.5, 0.0, 2.0)
    if "huber" in op.lower():
        options["delta"] = d.one(1.0, 0.5, 2.0)
    inputs = {"input": d.values(shape), "target": d.values(shape)}
    return either(op, inputs, options, fixed=d.unless_finite("input", "target"))


@draws("kl_div", "nn.KLDivLoss")
def divergence(d, op):
    shape = d.shape(1, 3)
    in_logs = d.flag()
    target = d.normal(shape) if in_logs else torch.where(d.mask(shape, 0.2), 0.0, d.unit(shape))
    options = {"reduction": d.one("mean", "sum", "none", "batchmean"), "log_target": in_logs}
    return either(op, {"input": d.finite(shape), "target": target}, options)


@draws("binary_cross_entropy", "nn.BCELoss", "binary_cross_entropy_with_logits", "nn.BCEWithLogitsLoss")
def binary(d, op):
    shape = d.shape(0, 3)
    target = d.one(d.unit(shape), d.unit(shape).round())
    weight = lambda: d.maybe(d.positive(shape[d.int(0, len(shape)) :]), 0.4)  # noqa: E731
    options = {"weight": weight(), "reduction": d.one("mean", "sum", "none")}
    if "logits" in op.lower():
        options["pos_weight"] = weight()
        return either(op, {"input": d.finite(shape), "target": target}, options, fixed=("weight", "pos_weight"))
    x = torch.where(d.mask(shape, 0.05), d.one(0.0, 1.0), d.unit(shape))
    return either(op, {"input": x, "target": target}, options, fixed=("weight",))


@draws("nll_loss", "nn.NLLLoss", "cross_entropy", "nn.CrossEntropyLoss")
def classes(d, op):
    count, rest = d.int(1, 5), d.sizes(d.one(0, 0, 1, 2), 3)
    lead = [] if not rest and d.flag(0.15) else [d.extent(4)]
    ignored = d.one(-100, -100, 0, 1, -1)
    target = d.whole([*lead, *rest], count)
    if d.flag(0.3):
        target = torch.where(d.mask([*lead, *rest], 0.4), ignored, target)
    options = {"weight": d.maybe(d.positive([count])), "reduction": d.one("mean", "sum", "none")}
    if "cross" in op.lower():
        options["label_smoothing"] = d.one(0.0, 0.0, 0.1, 0.5, 1.0)
        if d.flag(0.3):
            target, ignored = d.rounded(d.normal([*lead, count, *rest]).softmax(len(lead))), -100
    options["ignore_index"] = ignored
    return either(op, {"input": d.finite([*lead, count, *rest]), "target": target}, options, fixed=("weight",))


@draws("gaussian_nll_loss", "nn.GaussianNLLLoss")
def gaussian(d, op):
    shape = d.shape(1, 3)
    spread = d.one(shape, [*shape[:-1], 1])
    options = {"full": d.flag(), "eps": d.one(1e-6, 0.1), "reduction": d.one("mean", "sum", "none")}
    return either(op, {"input": d.values(shape), "target": d.values(shape), "var": d.positive(spread)}, options)
