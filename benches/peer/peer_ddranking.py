"""The peer as users have it: DD-Ranking 0.2.0's own training loop, test loop, augmentation and data loading.

    python peer_ddranking.py [--device cuda:0] [--threads N] [--repetitions N] [NAME...]

prints `NAME seconds peak_megabytes`. The package's evaluators need a GPU and fail in this protocol, so the few lines that
its `soft_label.py` wraps around its own functions stand here: build the model, make the loaders, loop over epochs.

A whole LRS takes this loop long, so `lrs-cifar10-ipc10` times the first tenth of one of its fifty trainings,
after one epoch and test that warm up, and multiplies: every tenth has the same epochs and tests.
"""
import argparse
import resource
import time

import torch
from torch.utils.data import DataLoader, TensorDataset

CASES = ["augment-224-b64", "datm-cifar10-ipc10-trial", "lrs-cifar10-ipc10"]
WORKERS = 4


# Of an LRS: learning rates, arms (distilled and random images), rounds, epochs of a training, epochs between two tests.
RATES, ARMS, ROUNDS, EPOCHS, TEST_INTERVAL = 5, 2, 5, 300, 10


class Training:
    """A training of DD-Ranking on 100 images, tested on 10,000."""

    def __init__(self, device, soft):
        from ddranking.aug import DSA
        from ddranking.loss import SoftCrossEntropyLoss
        from ddranking.utils import build_model
        from ddranking.utils.train_and_eval import get_lr_scheduler, get_optimizer

        parameters = dict(
            flip=0.5, rotate=15.0, saturation=2.0, brightness=1.0, contrast=0.5, scale=1.2, crop=0.125, cutout=0.5
        )
        self.device = device
        self.augment = DSA(params=parameters, seed=-1, aug_mode="S")
        self.model = build_model("ConvNet-3", num_classes=10, im_size=(32, 32), pretrained=False, device=device)
        self.model.to(device)
        labels = torch.randn(100, 10) if soft else torch.arange(100) % 10
        train = TensorDataset(torch.randn(100, 3, 32, 32), labels)
        test = TensorDataset(torch.randn(10_000, 3, 32, 32), torch.arange(10_000) % 10)
        self.train_loader = DataLoader(train, batch_size=256, num_workers=WORKERS, shuffle=True)
        self.test_loader = DataLoader(test, batch_size=256, num_workers=WORKERS)
        self.optimizer = get_optimizer("sgd", self.model, 0.01, 5e-4, 0.9)
        self.scheduler = get_lr_scheduler("step", self.optimizer, 100, 50)
        self.loss = SoftCrossEntropyLoss(temperature=1.2) if soft else torch.nn.CrossEntropyLoss()

    def run(self, epochs, test_interval):
        """Seconds of so many epochs."""
        from ddranking.utils.train_and_eval import train_one_epoch, validate

        self.wait()
        started = time.perf_counter()
        for epoch in range(epochs):
            train_one_epoch(
                epoch=epoch,
                stu_model=self.model,
                loader=self.train_loader,
                loss_fn=self.loss,
                optimizer=self.optimizer,
                aug_func=self.augment,
                lr_scheduler=self.scheduler,
                device=self.device,
            )
            if (epoch + 1) % test_interval == 0:
                validate(model=self.model, loader=self.test_loader, device=self.device)
        self.wait()
        return time.perf_counter() - started

    def wait(self):
        if self.device != "cpu":
            torch.cuda.synchronize()


def trial(device):
    return Training(device, soft=True).run(100, 20)


def score(device):
    training = Training(device, soft=False)
    training.run(1, 1)
    part = EPOCHS // 10
    return training.run(part, TEST_INTERVAL) * (EPOCHS // part) * RATES * ARMS * ROUNDS


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
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("names", nargs="*", choices=[*CASES, []], metavar="NAME")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.names or CASES:
        seconds = {
            "augment-224-b64": lambda: augmentation(arguments.repetitions),
            "datm-cifar10-ipc10-trial": lambda: trial(arguments.device),
            "lrs-cifar10-ipc10": lambda: score(arguments.device),
        }[name]()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 1_000_000
        print(f"{name} {seconds:.4f} {peak}", flush=True)


if __name__ == "__main__":
    main()
