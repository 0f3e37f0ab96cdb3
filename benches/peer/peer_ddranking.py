"""The peer as users have it: DD-Ranking 0.2.0's own training loop, test loop, augmentation and data loading.

    python peer_ddranking.py [--threads N] [--repetitions N] [NAME...]

prints `NAME seconds peak_megabytes`. The package's evaluators need a GPU and fail in this protocol, so the few lines that
its `soft_label.py` wraps around its own functions stand here: build the model, make the loaders, loop over epochs.
"""
import argparse
import resource
import time

import torch
from torch.utils.data import DataLoader, TensorDataset

CASES = ["augment-224-b64", "datm-cifar10-ipc10-trial"]
WORKERS = 4


def trial():
    from ddranking.aug import DSA
    from ddranking.loss import SoftCrossEntropyLoss
    from ddranking.utils import build_model
    from ddranking.utils.train_and_eval import get_lr_scheduler, get_optimizer, train_one_epoch, validate

    parameters = dict(flip=0.5, rotate=15.0, saturation=2.0, brightness=1.0, contrast=0.5, scale=1.2, crop=0.125, cutout=0.5)
    augment = DSA(params=parameters, seed=-1, aug_mode="S")
    model = build_model("ConvNet-3", num_classes=10, im_size=(32, 32), pretrained=False, device="cpu")
    train = TensorDataset(torch.randn(100, 3, 32, 32), torch.randn(100, 10))
    test = TensorDataset(torch.randn(10_000, 3, 32, 32), torch.arange(10_000) % 10)
    train_loader = DataLoader(train, batch_size=256, num_workers=WORKERS, shuffle=True)
    test_loader = DataLoader(test, batch_size=256, num_workers=WORKERS)
    optimizer = get_optimizer("sgd", model, 0.01, 5e-4, 0.9)
    scheduler = get_lr_scheduler("step", optimizer, 100, 50)
    loss = SoftCrossEntropyLoss(temperature=1.2)
    started = time.perf_counter()
    best = 0
    for epoch in range(100):
        train_one_epoch(
            epoch=epoch,
            stu_model=model,
            loader=train_loader,
            loss_fn=loss,
            optimizer=optimizer,
            aug_func=augment,
            lr_scheduler=scheduler,
            device="cpu",
        )
        if (epoch + 1) % 20 == 0:
            best = max(best, validate(model=model, loader=test_loader, device="cpu"))
    return time.perf_counter() - started


def augmentation(repetitions):
    from ddranking.aug import Cutmix
    from PIL import Image
    from torchvision import transforms

    transform = transforms.Compose(
        [
            transforms.RandomResizedCrop(224),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    pixels = torch.randint(0, 256, (64, 224, 224, 3), dtype=torch.uint8).numpy()
    images = [Image.fromarray(picture) for picture in pixels]
    cutmix = Cutmix({"beta": 1.0})
    times = []
    for _ in range(repetitions + 1):
        started = time.perf_counter()
        cutmix(torch.stack([transform(image) for image in images]))
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
        seconds = trial() if name == "datm-cifar10-ipc10-trial" else augmentation(arguments.repetitions)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 1_000_000
        print(f"{name} {seconds:.4f} {peak}", flush=True)


if __name__ == "__main__":
    main()
