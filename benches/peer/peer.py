"""The peer: the same work in PyTorch, data resident, no DataLoader, batched augmentation.

    python peer.py [--device cuda] [--threads N] [--repetitions N] [--compile] [NAME...]

prints `NAME seconds peak_megabytes`: the median of the repetitions after one that warms up, in the faster of the two
memory formats (NCHW and channels-last), with --compile also through torch.compile. Trials are run once, as they are. On a
GPU a repetition of a step is twenty steps and one wait, divided by twenty.
"""
import argparse
import math
import resource
import time

import torch
from torch import nn
from torch.nn import functional as F

NETWORKS = {
    "convnet-3-in-b100-step": ("in", "step", 100),
    "convnet-3-in-b256-step": ("in", "step", 256),
    "convnet-3-bn-b100-step": ("bn", "step", 100),
    "convnet-3-bn-b256-step": ("bn", "step", 256),
    "convnet-3-in-test-1000": ("in", "test", 1000),
    "convnet-3-bn-test-1000": ("bn", "test", 1000),
    "resnet-18-bn-b64-step": ("resnet", "step", 64),
}
CASES = [*NETWORKS, "augment-224-b64", "datm-cifar10-ipc10-trial", "lrs-cifar10-ipc10"]


class Place:
    """Where it is timed."""

    device = torch.device("cpu")
    steps = 1

    @classmethod
    def wait(cls):
        if cls.device.type == "cuda":
            torch.cuda.synchronize()


def convnet(norm):
    layers = []
    for inputs in (3, 128, 128):
        layers.append(nn.Conv2d(inputs, 128, 3, padding=1))
        layers.append(nn.GroupNorm(128, 128) if norm == "in" else nn.BatchNorm2d(128))
        layers += [nn.ReLU(inplace=True), nn.AvgPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(2048, 10))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x), inplace=True)


def resnet():
    layers = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)]
    inputs = 64
    for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Block(inputs, outputs, stride), Block(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AvgPool2d(4), nn.Flatten(), nn.Linear(512, 10))


def build(kind):
    return resnet() if kind == "resnet" else convnet(kind)


def network(kind, work, count, repetitions, memory_format, compiled):
    torch.manual_seed(0)
    model = build(kind).to(Place.device, memory_format=memory_format)
    run = torch.compile(model) if compiled else model
    images = torch.randn(count, 3, 32, 32).to(Place.device, memory_format=memory_format)
    labels = (torch.arange(count) % 10).to(Place.device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    times = []
    for _ in range(repetitions + 1):
        started = time.perf_counter()
        for _ in range(Place.steps):
            if work == "step":
                model.train()
                optimizer.zero_grad(set_to_none=True)
                F.cross_entropy(run(images), labels).backward()
                optimizer.step()
            else:
                model.eval()
                with torch.inference_mode():
                    for start in range(0, count, 250):
                        run(images[start : start + 250]).argmax(1)
        Place.wait()
        times.append((time.perf_counter() - started) / Place.steps)
    return sorted(times[1:])[repetitions // 2]


def crop_flip_cutmix(images):
    """RandomResizedCrop (antialiased), flip and CutMix of a batch of tensors."""
    count, _, height, width = images.shape
    out = torch.empty_like(images)
    for index in range(count):
        for _ in range(10):
            area = height * width * torch.empty(1).uniform_(0.08, 1).item()
            ratio = math.exp(torch.empty(1).uniform_(math.log(3 / 4), math.log(4 / 3)).item())
            w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < w <= width and 0 < h <= height:
                break
        else:
            w, h = width, height
        top = torch.randint(0, height - h + 1, (1,)).item()
        left = torch.randint(0, width - w + 1, (1,)).item()
        crop = images[index : index + 1, :, top : top + h, left : left + w]
        out[index] = F.interpolate(
            crop, size=(height, width), mode="bilinear", align_corners=False, antialias=True
        )[0]
    flipped = torch.rand(count) < 0.5
    out[flipped] = out[flipped].flip(3)
    weight = torch.distributions.Beta(1.0, 1.0).sample().item()
    h, w = int(height * math.sqrt(1 - weight)), int(width * math.sqrt(1 - weight))
    row, column = torch.randint(height, (1,)).item(), torch.randint(width, (1,)).item()
    rows = slice(max(0, row - h // 2), min(height, row + h // 2))
    columns = slice(max(0, column - w // 2), min(width, column + w // 2))
    out[:, :, rows, columns] = out[torch.randperm(count)][:, :, rows, columns]
    return out


def augmentation(repetitions):
    images = torch.randn(64, 3, 224, 224, device=Place.device)
    times = []
    for _ in range(repetitions + 1):
        started = time.perf_counter()
        for _ in range(Place.steps):
            crop_flip_cutmix(images)
        Place.wait()
        times.append((time.perf_counter() - started) / Place.steps)
    return sorted(times[1:])[repetitions // 2]


def dsa(images):
    """One of DSA's six operations on the batch, with parameters of each image's own."""
    count, _, height, width = images.shape
    operation = torch.randint(6, (1,)).item()
    device = images.device
    rand = lambda: torch.rand(count, 1, 1, 1, device=device)
    if operation < 2:
        theta = torch.zeros(count, 2, 3, device=device)
        if operation == 0:
            theta[:, 0, 0] = 1 / 1.2 + torch.rand(count, device=device) * (1.2 - 1 / 1.2)
            theta[:, 1, 1] = 1 / 1.2 + torch.rand(count, device=device) * (1.2 - 1 / 1.2)
        else:
            angle = (torch.rand(count, device=device) - 0.5) * 2 * 15 / 180 * math.pi
            theta[:, 0, 0], theta[:, 0, 1] = angle.cos(), -angle.sin()
            theta[:, 1, 0], theta[:, 1, 1] = angle.sin(), angle.cos()
        grid = F.affine_grid(theta, images.shape, align_corners=True)
        return F.grid_sample(images, grid, align_corners=True)
    if operation == 2:
        return torch.where(rand() < 0.5, images.flip(3), images)
    if operation == 3:
        images = images + (rand() - 0.5)
        mean = images.mean(1, keepdim=True)
        images = (images - mean) * (rand() * 2) + mean
        mean = images.mean((1, 2, 3), keepdim=True)
        return (images - mean) * (rand() + 0.5) + mean
    rows, columns = torch.arange(height, device=device), torch.arange(width, device=device)
    if operation == 4:
        shift = int(height * 0.125 + 0.5)
        padded = F.pad(images, [shift] * 4)
        top = torch.randint(0, 2 * shift + 1, (count, 1, 1), device=device) + rows[None, :, None]
        left = torch.randint(0, 2 * shift + 1, (count, 1, 1), device=device) + columns[None, None, :]
        batch = torch.arange(count, device=device)[:, None, None]
        return padded.permute(0, 2, 3, 1)[batch, top, left].permute(0, 3, 1, 2)
    size = int(height * 0.5 + 0.5)
    top = torch.randint(0, height + 1, (count, 1), device=device) - size // 2
    left = torch.randint(0, width + 1, (count, 1), device=device) - size // 2
    inside_rows = (rows >= top) & (rows < top + size)
    inside_columns = (columns >= left) & (columns < left + size)
    hole = inside_rows[:, None, :, None] & inside_columns[:, None, None, :]
    return images.masked_fill(hole, 0)


def trial(memory_format, epochs=100, test_interval=20, hard=False):
    """Epochs of 100 images in one batch, tested on 10,000 images every so many epochs."""
    torch.manual_seed(0)
    device = Place.device
    model = convnet("in").to(device, memory_format=memory_format)
    train = torch.randn(100, 3, 32, 32, device=device)
    soft = F.softmax(torch.randn(100, 10, device=device) / 1.2, 1)
    classes = torch.arange(100, device=device) % 10
    test, labels = torch.randn(10_000, 3, 32, 32, device=device), torch.arange(10_000, device=device) % 10
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 50)
    Place.wait()
    started = time.perf_counter()
    best = 0.0
    for epoch in range(epochs):
        model.train()
        order = torch.randperm(100, device=device)
        images = dsa(train[order]).contiguous(memory_format=memory_format)
        optimizer.zero_grad(set_to_none=True)
        logits = model(images)
        loss = F.cross_entropy(logits, classes[order]) if hard else F.cross_entropy(logits / 1.2, soft[order])
        loss.backward()
        optimizer.step()
        schedule.step()
        if (epoch + 1) % test_interval == 0:
            model.eval()
            with torch.inference_mode():
                hits = sum(
                    (
                        model(test[start : start + 250].contiguous(memory_format=memory_format)).argmax(1)
                        == labels[start : start + 250]
                    ).sum()
                    for start in range(0, 10_000, 250)
                )
            best = max(best, hits.item() / 10_000)
    return time.perf_counter() - started


def score(memory_format):
    """The trials of a hard-label LRS without its full-data arm: two sets, five rates, five rounds."""
    trial(memory_format, 10, 10, True)
    return sum(trial(memory_format, 300, 10, True) for _ in range(2 * 5 * 5))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("names", nargs="*", choices=[*CASES, []], metavar="NAME")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    Place.device = torch.device(arguments.device)
    Place.steps = 20 if Place.device.type == "cuda" else 1
    formats = (torch.contiguous_format, torch.channels_last)
    for name in arguments.names or CASES[:-1]:
        if name == "augment-224-b64":
            best = augmentation(arguments.repetitions)
        elif name in ("datm-cifar10-ipc10-trial", "lrs-cifar10-ipc10"):
            # The training step decides which format a user would take.
            steps = {form: network("in", "step", 100, 3, form, False) for form in formats}
            form = min(steps, key=steps.get)
            best = trial(form) if name == "datm-cifar10-ipc10-trial" else score(form)
        else:
            kind, work, count = NETWORKS[name]
            variants = [(form, compiled) for form in formats for compiled in (False, True)]
            best = min(
                network(kind, work, count, arguments.repetitions, *variant)
                for variant in variants
                if arguments.compile or not variant[1]
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 1_000_000
        print(f"{name} {best:.4f} {peak}", flush=True)


if __name__ == "__main__":
    main()
