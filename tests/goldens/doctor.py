"""Makes what `ddrank doctor` compares with: crates/device/src/doctor/reference.safetensors.

Run it with Python 3, torch, numpy and safetensors; it takes no arguments. Inputs and weights are not stored: both sides
compute them from their names (`unit` here, `rule.rs` there). Expected values are computed in float64.

Every expected tensor NAME comes with NAME#tolerance, two numbers relative to its largest element:

* the tolerance of float32. It is twenty times the largest error among these, and at least a hundred-thousandth: the same in
  float32; the same in float64 with every input and weight moved by up to half a unit in the last place of float32, three
  times. The first is what summing and rounding cost, the second what the problem makes of any rounding; twenty covers other
  orders of summation, fast convolution algorithms and the errors that other devices' exp, log and sqrt may have.
* the tolerance of TF32: four times the error of the same in float64 where both factors of every product of matrices and
  every convolution, forward and backward, are rounded to ten bits after the point first. Devices with matrix units may do
  that. Never below the first.
"""

import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

import generate

OUT = pathlib.Path(__file__).parents[2] / "crates/device/src/doctor/reference.safetensors"


# ------------------------------------------------------------------------------------------------------------ numbers


def unit(name, count):
    """`count` multiples of 2**-23 in [-1, 1), from a hash of the name and the index."""
    salt = 0x811C9DC5
    for byte in name.encode():
        salt = ((salt ^ byte) * 0x01000193) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1)
        h ^= np.uint32(salt)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x7FEB352D)
        h ^= h >> np.uint32(15)
        h *= np.uint32(0x846CA68B)
        h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)).astype(np.float64) / 2**23 - 1


class Rounded(torch.autograd.Function):
    """A product whose factors are rounded to TF32 in both directions."""

    @staticmethod
    def forward(ctx, run, a, b):
        ctx.run = run
        ctx.save_for_backward(a, b)
        return run(tf32(a), tf32(b))

    @staticmethod
    def backward(ctx, dy):
        a, b = ctx.saved_tensors
        with torch.enable_grad():
            a, b = tf32(a).requires_grad_(), tf32(b).requires_grad_()
            da, db = torch.autograd.grad(ctx.run(a, b), (a, b), tf32(dy))
        return None, da, db


def tf32(x):
    mantissa, exponent = torch.frexp(x.detach())
    return torch.ldexp(torch.round(mantissa * 2**11) / 2**11, exponent)


class Arithmetic:
    """One way to compute everything: a type, a disturbance of all given numbers, and how products are made."""

    def __init__(self, dtype=torch.float64, disturb=None, rounded=False):
        self.dtype, self.rounded = dtype, rounded
        self.generator = None if disturb is None else torch.Generator().manual_seed(disturb)

    def number(self, name, shape, scale=1.0, add=0.0):
        count = int(np.prod(shape)) if shape else 1
        value = torch.tensor((add + scale * unit(name, count)).astype(np.float32).reshape(shape))
        value = value.to(self.dtype)
        if self.generator is not None:
            noise = 2 * torch.rand(value.shape, generator=self.generator, dtype=self.dtype) - 1
            value = value * (1 + noise * 2.0**-24)
        return value

    def product(self, run, a, b):
        return Rounded.apply(run, a, b) if self.rounded else run(a, b)

    def conv(self, x, w, b=None, stride=1, padding=0):
        y = self.product(lambda x, w: F.conv2d(x, w, None, stride, padding), x, w)
        return y if b is None else y + b.reshape(1, -1, 1, 1)

    def linear(self, x, w, b):
        return self.product(lambda x, w: x @ w.T, x, w) + b


class Case:
    """Inputs by rule under the case's name, and the outputs that are kept."""

    def __init__(self, name, arithmetic):
        self.name, self.a, self.leaves, self.kept = name, arithmetic, {}, {}

    def leaf(self, name, shape, scale=1.0, add=0.0):
        self.leaves[name] = self.a.number(f"{self.name}/{name}", shape, scale, add).requires_grad_()
        return self.leaves[name]

    def constant(self, name, shape, scale=1.0, add=0.0):
        return self.a.number(f"{self.name}/{name}", shape, scale, add)

    def keep(self, name, value):
        self.kept[name] = value.detach().reshape(-1)

    def differentiate(self, y, keep=lambda gradient: gradient):
        """Keeps y, and the gradients of y weighted by rule."""
        self.keep("y", keep(y))
        weighting = self.constant("weighting", y.shape)
        (y * weighting).sum().backward()
        for name, leaf in self.leaves.items():
            self.keep(f"d{name}", keep(leaf.grad))


def means(x):
    """Of the last two of four dimensions' largest tensors: means over the first and the last one."""
    return x.mean((0, 3)) if x.dim() == 4 else x


# ---------------------------------------------------------------------------------------------------------- operators


def convolution(inputs, outputs, kernel, stride, padding, side, batch, bias, keep=lambda x: x):
    def run(case):
        fan_in = inputs * kernel * kernel
        x = case.leaf("x", (batch, inputs, side, side + 1))
        w = case.leaf("w", (outputs, inputs, kernel, kernel), math.sqrt(3 / fan_in))
        b = case.leaf("b", (outputs,), 0.5) if bias else None
        case.differentiate(case.a.conv(x, w, b, stride, padding), keep)
    return run


def group_norm(groups, relu, pool):
    def run(case):
        x = case.leaf("x", (3, 8, 6, 6), 2.0, 0.5)
        w, b = case.leaf("w", (8,), 0.5, 1.0), case.leaf("b", (8,), 0.5)
        y = F.group_norm(x, groups, w, b, 1e-5)
        y = F.relu(y) if relu else y
        case.differentiate(F.avg_pool2d(y, 2) if pool else y)
    return run


def batch_norm(case, train):
    x = case.leaf("x", (5, 6, 4, 4), 2.0, 0.5)
    w, b = case.leaf("w", (6,), 0.5, 1.0), case.leaf("b", (6,), 0.5)
    mean, variance = case.constant("mean", (6,)), case.constant("variance", (6,), 0.5, 1.0)
    if train:
        case.keep("mean", x.mean((0, 2, 3)))
        case.keep("variance", x.var((0, 2, 3), correction=0))
        case.differentiate(F.relu(F.batch_norm(x, None, None, w, b, True, 0.0, 1e-5)))
    else:
        case.differentiate(F.batch_norm(x, mean, variance, w, b, False, 0.0, 1e-5))


def layer_norm(case):
    x = case.leaf("x", (3, 4, 5, 5), 2.0, 0.5)
    w, b = case.leaf("w", (4, 5, 5), 0.5, 1.0), case.leaf("b", (4, 5, 5), 0.5)
    case.differentiate(F.layer_norm(x, [4, 5, 5], w, b, 1e-5))


def pointwise(function):
    def run(case):
        case.differentiate(function(case.leaf("x", (3, 4, 7, 6), 2.0)))
    return run


def linear(case):
    x, w, b = case.leaf("x", (10, 70)), case.leaf("w", (12, 70), 0.2), case.leaf("b", (12,))
    case.differentiate(case.a.linear(x, w, b))


def loss(function):
    def run(case):
        logits = case.leaf("logits", (9, 11), 4.0)
        rows = case.constant("rows", (9, 11), 4.0)
        classes = torch.arange(9) * 4 % 11
        case.differentiate(function(logits, rows, classes).reshape(1))
    return run


def soft_cross_entropy(logits, rows, _):
    t = 1.5
    return -(F.log_softmax(logits / t, 1) * F.softmax(rows / t, 1)).sum(1).mean()


def divergence(logits, rows, _):
    t = 4.0
    wanted, answered = F.log_softmax(rows / t, 1), F.log_softmax(logits / t, 1)
    return (wanted.exp() * (wanted - answered)).sum(1).mean() * t * t


def squares(logits, rows, classes):
    return 0.7 * F.mse_loss(logits, rows) + 0.3 * F.cross_entropy(logits, classes)


def accuracy(case):
    logits = case.constant("logits", (40, 10))
    hits = (logits.argmax(1) == torch.arange(40) % 10).sum()
    case.keep("y", torch.stack([hits, logits.argmax(1).sum()]).to(logits.dtype))


def selection(case):
    x = case.leaf("x", (7, 2, 3, 3))
    case.differentiate(x[torch.tensor([6, 0, 3, 3, 5])])


# ------------------------------------------------------------------------------------------------------- augmentation


def units(case, name):
    """Numbers of [0, 1) with 24 bits, as DSA draws them."""
    return (case.constant(name, (4,)).double() / 2 + 0.5).to(case.a.dtype)


def dsa(op):
    def run(case):
        x = case.constant("x", (4, 3, 9, 8))
        if op == "crop":
            draws = [torch.tensor([1, -1, 0, 1]), torch.tensor([-1, 0, 1, 1])]
        elif op == "cutout":
            draws = [torch.tensor([0, 4, 8, 2]), torch.tensor([7, 3, 0, 5])]
        else:
            count = {"scale": 2, "color": 3}.get(op, 1)
            draws = [units(case, f"unit{index}") for index in range(count)]
        case.keep("y", generate.dsa(op, x, generate.STANDARD, draws))
    return run


def weights_of_resize(length, outputs):
    """The triangle filter of Pillow and torchvision along one side, [outputs, length], float64."""
    factor = length / outputs
    reach = max(factor, 1.0)
    position = torch.arange(length, dtype=torch.float64) + 0.5
    centre = (torch.arange(outputs, dtype=torch.float64) + 0.5) * factor
    weights = (1 - (position[None] - centre[:, None]).abs() / reach).clamp_min(0)
    return weights / weights.sum(1, keepdim=True)


def resize(case):
    x = case.constant("x", (3, 2, 12, 9))
    rows = weights_of_resize(12, 5).to(x.dtype)
    columns = weights_of_resize(9, 14).to(x.dtype)
    wide = case.a.product(lambda a, b: a @ b.T, x, columns)
    case.keep("y", case.a.product(lambda a, b: torch.einsum("oh,nchw->ncow", b, a), wide, rows))


def random_crop(case):
    x = F.pad(case.constant("x", (3, 2, 8, 7)), (2, 2, 2, 2))
    top, left = [0, 4, 2], [3, 0, 1]
    case.keep("y", torch.stack([x[k, :, top[k]:top[k] + 8, left[k]:left[k] + 7] for k in range(3)]))


def cutmix(case):
    x = case.constant("x", (3, 2, 8, 10))
    y = x.clone()
    # lambda 0.75: half the sides, 2 rows and 2 columns on both sides of (3, 8), cut at the border.
    y[:, :, 1:5, 6:10] = x[[2, 0, 1]][:, :, 1:5, 6:10]
    case.keep("y", y)


def mixup(case):
    x = case.constant("x", (3, 2, 4, 4))
    case.keep("y", 0.3 * x + 0.7 * x[[1, 2, 0]])


# ----------------------------------------------------------------------------------------------------------- training


STEPS = 50


def train(case, forward, parameters, optimizer):
    x = case.constant("images", (16, 3, 12, 12), 1.7)
    classes = torch.arange(16) % 5
    optimizer = optimizer(list(parameters.values()))
    losses = []
    for step in range(STEPS):
        part = [(step * 8 + k) % 16 for k in range(8)]
        value = F.cross_entropy(forward(x[part]), classes[part])
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.detach())
    case.keep("losses", torch.stack(losses))


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.01, momentum=0.9, weight_decay=5e-4)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=0.001, weight_decay=5e-4)


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=0.001, weight_decay=0.01)


def convnet(optimizer):
    """ConvNet-3 of width 8: three times convolution, a norm of each channel, ReLU, average pooling; one linear layer."""
    def run(case):
        a, p = case.a, {}
        for block, inputs in enumerate((3, 8, 8)):
            first = block * 4
            p[f"features.{first}.weight"] = case.leaf(f"features.{first}.weight", (8, inputs, 3, 3), math.sqrt(1 / (inputs * 9)))
            p[f"features.{first}.bias"] = case.leaf(f"features.{first}.bias", (8,), 0.1)
            p[f"features.{first + 1}.weight"] = case.leaf(f"features.{first + 1}.weight", (8,), 0.25, 1.0)
            p[f"features.{first + 1}.bias"] = case.leaf(f"features.{first + 1}.bias", (8,), 0.1)
        p["classifier.weight"] = case.leaf("classifier.weight", (5, 8), math.sqrt(1 / 8))
        p["classifier.bias"] = case.leaf("classifier.bias", (5,), 0.1)

        def forward(x):
            for first in (0, 4, 8):
                x = a.conv(x, p[f"features.{first}.weight"], p[f"features.{first}.bias"], 1, 1)
                x = F.group_norm(x, 8, p[f"features.{first + 1}.weight"], p[f"features.{first + 1}.bias"], 1e-5)
                x = F.avg_pool2d(F.relu(x), 2)
            return a.linear(x.flatten(1), p["classifier.weight"], p["classifier.bias"])

        train(case, forward, p, optimizer)
    return run


def residual(case):
    """A residual network: a stem, one block of stride 2 with a 1 x 1 shortcut, the mean of each channel, a linear layer."""
    a, p, running = case.a, {}, {}

    def weight(name, outputs, inputs, kernel):
        p[name] = case.leaf(name, (outputs, inputs, kernel, kernel), math.sqrt(3 / (inputs * kernel * kernel)))

    for name, outputs, inputs, kernel in (("stem", 8, 3, 3), ("first", 12, 8, 3), ("second", 12, 12, 3), ("shortcut", 12, 8, 1)):
        weight(name, outputs, inputs, kernel)
        p[f"{name}.scale"] = case.leaf(f"{name}.scale", (outputs,), 0.25, 1.0)
        p[f"{name}.shift"] = case.leaf(f"{name}.shift", (outputs,), 0.1)
        running[name] = [torch.zeros(outputs, dtype=a.dtype), torch.ones(outputs, dtype=a.dtype)]
    p["linear.weight"] = case.leaf("linear.weight", (5, 12), math.sqrt(1 / 12))
    p["linear.bias"] = case.leaf("linear.bias", (5,), 0.1)

    def norm(name, x, training):
        mean, variance = running[name]
        return F.batch_norm(x, mean, variance, p[f"{name}.scale"], p[f"{name}.shift"], training, 0.1, 1e-5)

    def forward(x, training=True):
        x = F.relu(norm("stem", a.conv(x, p["stem"], None, 1, 1), training))
        y = F.relu(norm("first", a.conv(x, p["first"], None, 2, 1), training))
        y = norm("second", a.conv(y, p["second"], None, 1, 1), training)
        y = F.relu(y + norm("shortcut", a.conv(x, p["shortcut"], None, 2, 0), training))
        return a.linear(y.mean((2, 3)), p["linear.weight"], p["linear.bias"])

    train(case, forward, p, sgd)
    with torch.no_grad():
        case.keep("logits", forward(case.constant("images", (16, 3, 12, 12), 1.7), False))


CASES = {
    "conv 3x3": convolution(5, 7, 3, 1, 1, 9, 4, True),
    "conv 3x3, 128 channels": convolution(128, 128, 3, 1, 1, 16, 4, True, means),
    "conv 3x3 stride 2": convolution(6, 8, 3, 2, 1, 8, 3, False),
    "conv 3x3 stride 2, 128 channels": convolution(64, 128, 3, 2, 1, 16, 4, False, means),
    "conv 1x1": convolution(9, 6, 1, 1, 0, 6, 3, False),
    "conv 1x1 stride 2": convolution(6, 10, 1, 2, 0, 8, 3, False),
    "conv 1x1 stride 2, 128 channels": convolution(64, 128, 1, 2, 0, 16, 4, False, means),
    "conv 5x5": convolution(3, 6, 5, 1, 2, 9, 3, True),
    "conv 7x7 stride 2": convolution(3, 8, 7, 2, 3, 13, 2, False),
    "norm of each channel": group_norm(8, False, False),
    "norm of each channel, ReLU, pooling": group_norm(8, True, True),
    "group norm": group_norm(4, True, False),
    "layer norm": layer_norm,
    "batch norm, training": lambda case: batch_norm(case, True),
    "batch norm, evaluation": lambda case: batch_norm(case, False),
    "ReLU": pointwise(F.relu),
    "sigmoid": pointwise(torch.sigmoid),
    "leaky ReLU": pointwise(lambda x: F.leaky_relu(x, 0.01)),
    "average pooling": pointwise(lambda x: F.avg_pool2d(x, 2)),
    "max pooling": pointwise(lambda x: F.max_pool2d(x, 2)),
    "linear": linear,
    "cross-entropy": loss(lambda logits, _, classes: F.cross_entropy(logits, classes)),
    "sce": loss(soft_cross_entropy),
    "kl": loss(divergence),
    "mse-gt": loss(squares),
    "accuracy": accuracy,
    "selection of images": selection,
    "DSA scale": dsa("scale"),
    "DSA rotate": dsa("rotate"),
    "DSA flip": dsa("flip"),
    "DSA color": dsa("color"),
    "DSA crop": dsa("crop"),
    "DSA cutout": dsa("cutout"),
    "resize": resize,
    "random crop": random_crop,
    "CutMix": cutmix,
    "Mixup": mixup,
    "ConvNet-3, SGD": convnet(sgd),
    "ConvNet-3, Adam": convnet(adam),
    "ConvNet-3, AdamW": convnet(adamw),
    "residual network, SGD": residual,
}


def outputs(name, run, arithmetic):
    case = Case(name, arithmetic)
    run(case)
    return {f"{name}/{key}": value.double() for key, value in case.kept.items()}


def main():
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    tensors = {}
    for name, run in CASES.items():
        expected = outputs(name, run, Arithmetic())
        others = [outputs(name, run, Arithmetic(torch.float32))]
        # A choice (argmax, flip) must not be disturbed.
        others += [outputs(name, run, Arithmetic(disturb=seed)) for seed in (1, 2, 3)]
        rounded = outputs(name, run, Arithmetic(rounded=True))
        for key, value in expected.items():
            scale = max(float(value.abs().max()), 1e-30)

            def error(other):
                return float((other[key] - value).abs().max()) / scale

            tolerance = max(20 * max(map(error, others)), 1e-5)
            reduced = max(4 * error(rounded), tolerance)
            print(f"{key:50} {scale:10.3g} {error(others[0]):9.1e} {tolerance:9.1e} {reduced:9.1e} {value.numel()}")
            tensors[key] = value.float().numpy()
            tensors[f"{key}#tolerance"] = np.array([tolerance, reduced], dtype=np.float32)
    tensors["rule"] = unit("rule", 8).astype(np.float32)
    save_file(tensors, OUT)


if __name__ == "__main__":
    main()
