"""The peer: the same work in PyTorch, data resident, no DataLoader.

    python peer.py [--threads N] [--repetitions N] [NAME...]

prints `NAME seconds`: the median of the repetitions after one that warms up, in the faster of the two memory formats
(NCHW and channels-last).
"""
import argparse
import time

import torch
from torch import nn

CASES = {
    "convnet-3-in-b100-step": ("in", "step", 100),
    "convnet-3-in-b256-step": ("in", "step", 256),
    "convnet-3-bn-b100-step": ("bn", "step", 100),
    "convnet-3-bn-b256-step": ("bn", "step", 256),
    "convnet-3-in-test-1000": ("in", "test", 1000),
    "convnet-3-bn-test-1000": ("bn", "test", 1000),
}


def convnet(norm):
    layers = []
    for inputs in (3, 128, 128):
        layers.append(nn.Conv2d(inputs, 128, 3, padding=1))
        layers.append(nn.GroupNorm(128, 128) if norm == "in" else nn.BatchNorm2d(128))
        layers += [nn.ReLU(inplace=True), nn.AvgPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(2048, 10))


def seconds(norm, work, count, repetitions, memory_format):
    torch.manual_seed(0)
    model = convnet(norm).to(memory_format=memory_format)
    images = torch.randn(count, 3, 32, 32).to(memory_format=memory_format)
    labels = torch.arange(count) % 10
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    times = []
    for _ in range(repetitions + 1):
        started = time.perf_counter()
        if work == "step":
            model.train()
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
        else:
            model.eval()
            with torch.inference_mode():
                for start in range(0, count, 250):
                    model(images[start : start + 250]).argmax(1)
        times.append(time.perf_counter() - started)
    return sorted(times[1:])[repetitions // 2]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("names", nargs="*", choices=[*CASES, []], metavar="NAME")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.names or CASES:
        norm, work, count = CASES[name]
        formats = (torch.contiguous_format, torch.channels_last)
        best = min(seconds(norm, work, count, arguments.repetitions, form) for form in formats)
        print(f"{name} {best:.4f}", flush=True)


if __name__ == "__main__":
    main()
