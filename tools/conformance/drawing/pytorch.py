"""How PyTorch's functions are called by the names of FORMAT.md, and what their outputs are called."""

import torch
import torch.nn.functional as F
import torch.optim.swa_utils as swa

# Names of outputs, where there are several, or one that is not `output`.
OUTPUTS = {
    **{f"{kind}max_pool{rank}d": ("output", "indices") for kind in ("", "adaptive_") for rank in (1, 2, 3)},
    **{f"nn.{kind}MaxPool{rank}d": ("output", "indices") for kind in ("", "Adaptive") for rank in (1, 2, 3)},
    "max": ("values", "indices"),
    "min": ("values", "indices"),
    "nn.RNN": ("output", "h_n"),
    "nn.GRU": ("output", "h_n"),
    "nn.LSTM": ("output", "h_n", "c_n"),
    "nn.RNNCell": ("h",),
    "nn.GRUCell": ("h",),
    "nn.LSTMCell": ("h", "c"),
    "nn.MultiheadAttention": ("attn_output", "attn_output_weights"),
}


def call_function(op, args):
    """Calls a function; what is None keeps its default."""
    function = OWN.get(op) or getattr(F, op, None) or getattr(torch, op)
    return function(**{name: value for name, value in args.items() if value is not None})


def reduction(function):
    """PyTorch has no keepdim without axes for each of these: there are all axes."""

    def reduced(input, keepdim, dim=None, **options):
        return function(input, dim=list(range(input.ndim)) if dim is None else dim, keepdim=keepdim, **options)

    return reduced


def along(function):
    def one_axis(input, dim=None, keepdim=False):
        return function(input) if dim is None else function(input, dim=dim, keepdim=keepdim)

    return one_axis


def maxout(input, pool_size, dim):
    return input.unflatten(dim, (-1, pool_size)).max(dim if dim < 0 else dim + 1)[0]


def running(function):
    """The function changes its statistics in place: here they are outputs."""

    def changed(running_mean=None, running_var=None, **others):
        mean, variance = (None if t is None else t.clone() for t in (running_mean, running_var))
        output = function(running_mean=mean, running_var=variance, **others)
        return {"output": output} if mean is None else {"output": output, "running_mean": mean, "running_var": variance}

    return changed


def decorrelated_batch_norm(
    input, training, momentum, eps, groups, running_mean=None, running_whitening=None, weight=None, bias=None
):
    """As FORMAT.md defines it. The inverse root is that of Denman and Beavers, which has a gradient everywhere."""
    n, count = input.shape[:2]
    size = count // groups
    x = input.reshape(n, groups, size, -1).permute(1, 2, 0, 3).reshape(groups, size, -1)
    found = {}
    mean, whitening = running_mean, running_whitening
    if training:
        mean = x.mean(-1)
        centred = x - mean.unsqueeze(-1)
        root = centred @ centred.mT / x.shape[-1] + eps * torch.eye(size, dtype=x.dtype)
        found = {"mean": mean.reshape(-1), "covariance": root}
        whitening = torch.eye(size, dtype=x.dtype).expand_as(root)
        for _ in range(30):
            root, whitening = (root + whitening.inverse()) / 2, (whitening + root.inverse()) / 2
        found["whitening"] = whitening
    y = whitening @ (x - mean.reshape(groups, size, 1))
    y = y.reshape(groups, size, n, -1).permute(2, 0, 1, 3).reshape(input.shape)
    along_channels = [1, count] + [1] * (input.ndim - 2)
    y = y if weight is None else y * weight.reshape(along_channels)
    y = y if bias is None else y + bias.reshape(along_channels)
    if running_mean is not None:
        share = momentum if training else 0
        found["running_mean"] = (1 - share) * running_mean + share * mean.reshape(-1)
        found["running_whitening"] = (1 - share) * running_whitening + share * whitening
    return {"output": y, **{name: value.detach() for name, value in found.items()}}


def clip_grad_norm_(grads, max_norm, norm_type):
    parameters = [torch.zeros_like(grad) for grad in grads]
    for parameter, grad in zip(parameters, grads):
        parameter.grad = grad.clone()
    total = torch.nn.utils.clip_grad_norm_(parameters, max_norm, norm_type)
    return {"grads": [parameter.grad for parameter in parameters], "total_norm": total}


def clip_grad_value_(grads, clip_value):
    parameters = [torch.zeros_like(grad) for grad in grads]
    for parameter, grad in zip(parameters, grads):
        parameter.grad = grad.clone()
    torch.nn.utils.clip_grad_value_(parameters, clip_value)
    return {"grads": [parameter.grad for parameter in parameters]}


def averaged_model(weights, decay=None):
    """The averages after each of the weights."""
    model = torch.nn.Module()
    model.register_parameter("w", torch.nn.Parameter(torch.zeros_like(weights[0])))
    average = swa.AveragedModel(model, multi_avg_fn=None if decay is None else swa.get_ema_multi_avg_fn(decay))
    went = []
    for w in weights:
        model.w.data.copy_(w)
        average.update_parameters(model)
        went.append(average.module.w.detach().clone())
    return torch.stack(went)


OWN = {
    **{name: reduction(getattr(torch, name)) for name in ("sum", "mean", "amax", "amin", "logsumexp", "var", "std")},
    **{name: along(getattr(torch, name)) for name in ("prod", "argmax", "argmin")},
    "batch_norm": running(F.batch_norm),
    "clip_grad_norm_": clip_grad_norm_,
    "clip_grad_value_": clip_grad_value_,
    "decorrelated_batch_norm": decorrelated_batch_norm,
    "einsum": lambda equation, operands: torch.einsum(equation, *operands),
    "expand": lambda input, size: input.expand(size),
    "instance_norm": running(F.instance_norm),
    "maxout": maxout,
    "repeat": lambda input, repeats: input.repeat(repeats),
    "scatter": lambda input, dim, index, src: input.scatter(dim, index, src),
    "slice": lambda input, slices: input[tuple(slice(*one) for one in slices)],
    "swa_utils.AveragedModel": averaged_model,
}
