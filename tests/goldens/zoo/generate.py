"""Makes the golden values of the networks that are too large to record in full: manifest.json and zoo.safetensors here.

Run it with Python 3, torch, torchvision, numpy and safetensors; it takes no arguments and writes into its own folder.
torchvision's networks are torchvision's own; DD-Ranking's are written here from the definitions of their behaviour.

Nothing large is stored. Weights follow the weight rule of ../generate.py, images are the rule's values of the
one-dimensional tensor `images` times ten, and the words that decide what dropout and stochastic depth leave out are hashes
of their index: word i is mixed(i * 0x9E3779B1 ^ seed * 0x85EBCA6B). Both layers take a word a value (an image) in the order
of the pass and zero it where the word is below p * 2^32.

Expected values are those of float64. `noise` is how far PyTorch's own float32 results are from them, the largest of four
runs in training mode: as it comes, with PyTorch's plain convolution, and twice with every pixel moved by at most one unit in
its last place. (One run is not enough: a ReLU close to its kink switches in some of them and not in others.) The tolerance is
twenty times that, and never below a hundred-thousandth of the largest expected value.
"""

import binascii
import importlib.util
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from safetensors.numpy import save_file
from torch import nn

HERE = pathlib.Path(__file__).parent
specification = importlib.util.spec_from_file_location("goldens", HERE.parent / "generate.py")
goldens = importlib.util.module_from_spec(specification)
specification.loader.exec_module(goldens)


# ------------------------------------------------------------------------------------------------------- what is drawn


class Words:
    """The generator of both sides."""

    def __init__(self, seed):
        self.salt = np.uint32((seed * 0x85EBCA6B) & 0xFFFFFFFF)
        self.taken = 0

    def take(self, count):
        with np.errstate(over="ignore"):
            h = np.arange(self.taken, self.taken + count, dtype=np.uint32) * np.uint32(0x9E3779B1)
            h ^= self.salt
            h ^= h >> np.uint32(16)
            h *= np.uint32(0x7FEB352D)
            h ^= h >> np.uint32(15)
            h *= np.uint32(0x846CA68B)
            h ^= h >> np.uint32(16)
        self.taken += count
        return h


class Ruled(nn.Module):
    """Dropout (of values or of images) that takes its words from `words`."""

    def __init__(self, p, per_image, words):
        super().__init__()
        self.p, self.per_image, self.words = p, per_image, words

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        shape = [x.shape[0]] + [1] * (x.dim() - 1) if self.per_image else list(x.shape)
        kept = self.words.take(int(np.prod(shape))) >= round(self.p * 2**32)
        factors = kept.astype(np.float32) * np.float32(1 / (1 - self.p))
        return x * torch.tensor(factors.reshape(shape)).to(x.dtype)


def with_words(net, words):
    for module in list(net.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Dropout):
                setattr(module, name, Ruled(child.p, False, words))
            elif isinstance(child, torchvision.ops.StochasticDepth):
                setattr(module, name, Ruled(child.p, True, words))
    return net


# ------------------------------------------------------------------------------------------------ DD-Ranking's networks


def norm(kind, channels):
    return nn.BatchNorm2d(channels) if kind == "BN" else nn.GroupNorm(channels, channels)


class VGG(nn.Module):
    def __init__(self, depth, kind, side, classes):
        super().__init__()
        counts = {11: [1, 1, 2, 2, 2], 13: [2] * 5, 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4]}[depth]
        layers, inputs = [], 3
        for count, outputs in zip(counts, [64, 128, 256, 512, 512]):
            for _ in range(count):
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), norm(kind, outputs), nn.ReLU()]
                inputs = outputs
            layers.append(nn.MaxPool2d(2))
        layers.append(nn.AvgPool2d(1, 1 if side == 32 else 2))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(512, classes)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class Block(nn.Module):
    """Basic, or bottleneck where `expansion` is 4; with `pooling`, strides are average poolings."""

    def __init__(self, inputs, inner, stride, kind, expansion, pooling):
        super().__init__()
        self.pool = stride if pooling else 1
        stride = 1 if pooling else stride
        outputs = inner * expansion
        shapes = [(inputs, inner, 1, 1), (inner, inner, 3, stride), (inner, outputs, 1, 1)]
        if expansion == 1:
            shapes = [(inputs, inner, 3, stride), (inner, inner, 3, 1)]
        self.depth = len(shapes)
        for number, (a, b, kernel, s) in enumerate(shapes, 1):
            setattr(self, f"conv{number}", nn.Conv2d(a, b, kernel, s, kernel // 2, bias=False))
            setattr(self, f"bn{number}", norm(kind, b))
        self.shortcut = nn.Sequential()
        if stride * self.pool != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(*[nn.Conv2d(inputs, outputs, 1, stride, bias=False)]
                                          + ([nn.AvgPool2d(2)] if pooling else []) + [norm(kind, outputs)])

    def forward(self, x):
        out = x
        for number in range(1, self.depth + 1):
            out = getattr(self, f"bn{number}")(getattr(self, f"conv{number}")(out))
            if number < self.depth:
                out = F.relu(out)
            if number == self.depth - 1 and self.pool == 2:
                out = F.avg_pool2d(out, 2)
        return F.relu(out + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, depth, kind, side, classes, pooling=False):
        super().__init__()
        counts = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3]}[depth]
        expansion = 4 if depth >= 50 else 1
        self.pooling = pooling
        self.conv1 = nn.Conv2d(3, 64, 3, 2 if side == 64 and not pooling else 1, 1, bias=False)
        self.bn1 = norm(kind, 64)
        inputs = 64
        for stage, count in enumerate(counts):
            inner, blocks = 64 * 2**stage, []
            for number in range(count):
                stride = 2 if stage > 0 and number == 0 else 1
                blocks.append(Block(inputs, inner, stride, kind, expansion, pooling))
                inputs = inner * expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.classifier = nn.Linear(inputs * ((side // 8) ** 2 if pooling else 1), classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.classifier((x if self.pooling else F.avg_pool2d(x, 4)).flatten(1))


def make(model, sides, classes):
    model, _, source = model.partition("@")
    if source == "torchvision":
        # Under its own names DD-Ranking changes the first layers for small images.
        net = getattr(torchvision.models, model.lower().replace("-", ""))(num_classes=classes)
        if model == "AlexNet":
            net.features[0] = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        else:
            net.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
            net.maxpool = nn.Identity()
        return net
    parts = model.split("-")
    if len(parts) > 1:
        kind = parts[2] if len(parts) > 2 else "IN"
        family = {"VGG": VGG, "ResNet": ResNet}.get(parts[0])
        if family:
            return family(int(parts[1]), kind, sides[0], classes)
        return ResNet(int(parts[1]), kind, sides[0], classes, pooling=True)
    return getattr(torchvision.models, model)(num_classes=classes)


# --------------------------------------------------------------------------------------------------------------- cases

CASES = [
    # model (and source, where the name has another one first), sides, images, whether there is a pass in training mode
    ("mobilenet_v2", (64, 64), 4, True),
    ("shufflenet_v2_x0_5", (64, 64), 4, True),
    ("efficientnet_b0", (64, 64), 4, True),
    ("efficientnet_b0", (50, 37), 2, False),
    ("swin_t", (64, 64), 2, True),
    ("swin_t", (36, 52), 2, True),
    ("AlexNet@torchvision", (32, 32), 2, True),
    ("alexnet", (96, 79), 1, False),
    ("vgg11_bn", (96, 64), 2, True),
    ("vit_b_16", (224, 224), 1, False),
    ("ResNet-34@torchvision", (32, 32), 4, True),
    ("resnet50", (96, 64), 2, True),
    ("ResNet-34-BN", (32, 32), 4, True),
    ("ResNet-50", (32, 32), 2, True),
    ("VGG-13-BN", (64, 64), 4, True),
    ("VGG-16", (64, 64), 2, True),
    ("VGG-19-BN", (64, 64), 4, True),
    ("ResNetAP-18", (32, 32), 2, True),
    ("ResNetAP-18-BN", (64, 64), 4, True),
]
CLASSES = 7


def run(model, sides, state, x, y, dtype, seed, is_trained):
    net = make(model, sides, CLASSES).to(dtype)
    net.load_state_dict({name: value.to(dtype) if value.is_floating_point() else value for name, value in state.items()})
    net, out = with_words(net, Words(seed)), {}
    net.eval()
    with torch.no_grad():
        out["eval_logits"] = net(x.to(dtype))
    if not is_trained:
        return out
    net.train()
    logits = net(x.to(dtype))
    loss = F.cross_entropy(logits, y)
    loss.backward()
    out["train_logits"], out["train_loss"] = logits, loss.reshape(1)
    gradients = [parameter.grad for parameter in net.parameters()]
    out["grad_norms"] = torch.stack([gradient.double().norm() for gradient in gradients])
    out["grad_first"] = gradients[0].flatten()[:256]
    out["grad_last"] = gradients[-1]
    layers = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    if layers:
        out["bn_means"] = torch.stack([layer.running_mean.mean() for layer in layers])
        out["bn_variances"] = torch.stack([layer.running_var.mean() for layer in layers])
    return {name: value.detach() for name, value in out.items()}


def moved(x, seed):
    """Every value moved by at most one unit in its last place."""
    which = torch.randint(-1, 2, x.shape, generator=torch.Generator().manual_seed(seed))
    return torch.where(which == 0, x, torch.nextafter(x, which * torch.finfo(x.dtype).max))


def main():
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    tensors, cases = {}, []
    store = goldens.writer(tensors)
    for number, (model, sides, images, is_trained) in enumerate(CASES):
        seed = 700 + number
        reference = make(model, sides, CLASSES)
        listing, state = [], {}
        for name, value in reference.state_dict().items():
            listing.append(f"{name} {list(value.shape)}\n")
            is_table = name.endswith("relative_position_index")
            state[name] = value if is_table else goldens.ruled(name, list(value.shape), seed).to(value.dtype)
        del reference
        count = images * 3 * sides[0] * sides[1]
        x = (goldens.ruled("images", [count], seed) * 10).reshape(images, 3, *sides)
        y = torch.arange(images) * 3 % CLASSES
        singles = [run(model, sides, state, x, y, torch.float32, seed, is_trained)]
        if is_trained:
            with torch.backends.mkldnn.flags(enabled=False):
                singles.append(run(model, sides, state, x, y, torch.float32, seed, True))
            singles += [run(model, sides, state, moved(x, which), y, torch.float32, seed, True) for which in (1, 2)]
        double = run(model, sides, state, x, y, torch.float64, seed, is_trained)
        described = {}
        for name, value in double.items():
            noise = max(float((single[name].double() - value).abs().max()) for single in singles)
            scale = float(value.abs().max())
            atol = max(20 * noise, 1e-5 * scale, 1e-7)
            described[name] = store(f"zoo_{number}/{name}", value.float()) | {
                "atol": atol, "rtol": 1e-3 if name == "grad_norms" else 0.0, "noise": noise, "weak": atol > scale / 20}
        print(model, sides, {name: (f"{o['atol'] / float(double[name].abs().max()):.1e}", o["weak"])
                             for name, o in described.items()}, flush=True)
        cases.append({
            "id": f"zoo_{number}_{model.replace('@', '_')}_{sides[0]}x{sides[1]}", "kind": "zoo", "file": "zoo.safetensors",
            "params": {**dict(zip(("model", "source"), model.split("@"))), "height": sides[0], "width": sides[1], "labels": y.tolist(), "num_classes": CLASSES,
                       "rule_seed": seed, "tensors": len(listing),
                       "listing_crc32": binascii.crc32("".join(listing).encode())},
            "outputs": described,
        })
    save_file(tensors, HERE / "zoo.safetensors")
    made_with = json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__, "numpy": np.__version__})
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "manifest.json").write_text(f'{{"format": 1, "made_with": {made_with}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
