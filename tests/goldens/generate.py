"""Makes the project's own golden values: manifest.json and the safetensors files beside it.

Run it with Python 3, torch, numpy and safetensors; it takes no arguments and writes into its own folder. Everything is
seeded, so the same versions give the same files. The networks and operations are written from the definitions of
DD-Ranking's behaviour, with torch as the arithmetic.

Every output is computed in float32 and in float64. Their largest difference is the `noise`; the tolerance is twenty times
that, and never below a hundred-thousandth of the largest expected value. Where the tolerance passes a twentieth of that
value the output is marked `weak`.
"""

import binascii
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent
STANDARD = {
    "flip": 0.5, "rotate": 15.0, "saturation": 2.0, "brightness": 1.0,
    "contrast": 0.5, "scale": 1.2, "crop": 0.125, "cutout": 0.5,
}


# ---------------------------------------------------------------------------------------------------- weights by rule


def ruled(name, shape, seed):
    """The tensor of that name under the weight rule, as float64 values rounded to float32."""
    count = int(np.prod(shape)) if shape else 1
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1)
        h ^= np.uint32(binascii.crc32(name.encode()))
        h ^= np.uint32((seed * 0x85EBCA6B) & 0xFFFFFFFF)
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x7FEB352D)
        h ^= h >> np.uint32(15)
        h *= np.uint32(0x846CA68B)
        h ^= h >> np.uint32(16)
    u = h.astype(np.float64) / 2**32
    last = name.split(".")[-1]
    if last == "running_mean":
        value = 0.2 * u - 0.1
    elif last == "running_var":
        value = 0.5 + u
    elif last == "num_batches_tracked":
        value = 0.0 * u
    elif len(shape) >= 2:
        value = math.sqrt(6 / (count / shape[0])) * (2 * u - 1)
    elif last == "weight":
        value = 0.75 + 0.5 * u
    else:
        value = 0.2 * u - 0.1
    return torch.tensor(value.astype(np.float32).reshape(shape))


# ----------------------------------------------------------------------------------------------------------- networks


class ConvNet(torch.nn.Module):
    """Blocks of 3x3 convolution, normalisation, activation and pooling in one flat sequence; one linear layer."""

    def __init__(self, depth, norm, width, activation, pooling, shape, classes):
        super().__init__()
        channels, height, breadth = shape
        is_mnist = tuple(shape) == (1, 28, 28)
        if is_mnist:
            height = breadth = 32
        layers = []
        for block in range(depth):
            padding = 3 if is_mnist and block == 0 else 1
            layers.append(torch.nn.Conv2d(channels if block == 0 else width, width, 3, padding=padding))
            if norm == "IN":
                layers.append(torch.nn.GroupNorm(width, width))
            elif norm == "BN":
                layers.append(torch.nn.BatchNorm2d(width))
            elif norm == "LN":
                layers.append(torch.nn.LayerNorm([width, height, breadth]))
            elif norm == "GN":
                layers.append(torch.nn.GroupNorm(4, width))
            layers.append({
                "relu": torch.nn.ReLU(),
                "sigmoid": torch.nn.Sigmoid(),
                "leaky-relu": torch.nn.LeakyReLU(0.01),
            }[activation])
            if pooling != "none":
                layers.append({"average": torch.nn.AvgPool2d(2), "max": torch.nn.MaxPool2d(2)}[pooling])
                height, breadth = height // 2, breadth // 2
        self.features = torch.nn.Sequential(*layers)
        self.classifier = torch.nn.Linear(width * height * breadth, classes)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


NETWORKS = [
    # name, width, activation, pooling, input shape, classes
    ("ConvNet-2-LN", 6, "relu", "average", (3, 12, 12), 5),
    ("ConvNet-2-GN", 8, "sigmoid", "max", (3, 16, 16), 7),
    ("ConvNet-3-NONE", 5, "leaky-relu", "none", (3, 8, 8), 4),
    ("ConvNet-1-BN", 5, "leaky-relu", "max", (3, 11, 9), 3),
    ("ConvNet-4-GN", 12, "leaky-relu", "average", (3, 20, 17), 6),
    ("ConvNet-5", 4, "relu", "average", (1, 32, 32), 10),
    ("ConvNet-6-BN", 4, "relu", "average", (1, 64, 64), 2),
    ("ConvNet-3", 4, "relu", "average", (1, 28, 28), 10),
    ("ConvNet-2-LN", 4, "relu", "max", (1, 28, 28), 10),
    ("ConvNet-2-BN", 1, "sigmoid", "none", (2, 7, 5), 3),
    ("ConvNet-3", 16, "relu", "max", (3, 16, 16), 10),
]
SGD = {"lr": 0.01, "momentum": 0.9, "weight_decay": 5e-4, "steps": 3}
ADAMW = {"lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.01, "steps": 3}


def network_outputs(make, state, x, y, dtype, bn_layers):
    def fresh():
        net = make().to(dtype)
        net.load_state_dict({name: value.to(dtype) if value.is_floating_point() else value
                             for name, value in state.items()})
        return net

    x = x.to(dtype)
    out = {}
    net = fresh()
    net.eval()
    out["eval_logits"] = net(x)
    net.train()
    logits = net(x)
    loss = F.cross_entropy(logits, y)
    loss.backward()
    out["train_logits"] = logits
    out["train_loss"] = loss.reshape(1)
    gradients = [parameter.grad for parameter in net.parameters()]
    out["grad_norms"] = torch.stack([gradient.double().norm() for gradient in gradients])
    out["grad_first_parameter"] = gradients[0]
    out["grad_last_parameter"] = gradients[-1]
    for which, layer in bn_layers.items():
        out[f"{which}_running_mean"] = net.get_submodule(layer).running_mean
        out[f"{which}_running_var"] = net.get_submodule(layer).running_var

    for name, settings in (("sgd", SGD), ("adamw", ADAMW)):
        net = fresh()
        if name == "sgd":
            optimizer = torch.optim.SGD(net.parameters(), settings["lr"], settings["momentum"],
                                        weight_decay=settings["weight_decay"])
        else:
            optimizer = torch.optim.AdamW(net.parameters(), settings["lr"], tuple(settings["betas"]), settings["eps"],
                                          settings["weight_decay"])
        losses = []
        for step in range(settings["steps"]):
            net.train()
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss)
            if step == 0:
                net.eval()
                out[f"{name}_eval_logits_after_1"] = net(x)
        out[f"{name}_losses"] = torch.stack(losses)
        net.eval()
        out[f"{name}_eval_logits"] = net(x)
        net.train()
        out[f"{name}_train_logits"] = net(x)
    return {name: value.detach() for name, value in out.items()}


def network_cases(store):
    cases = []
    for number, (name, width, activation, pooling, shape, classes) in enumerate(NETWORKS):
        parts = name.split("-")
        depth, norm = int(parts[1]), (parts[2] if len(parts) > 2 else "IN")
        seed = 100 + number
        generator = torch.Generator().manual_seed(seed)
        batch = 4 if shape[1] < 64 else 2
        x = torch.randn(batch, *shape, generator=generator)
        y = torch.randint(0, classes, (batch,), generator=generator)

        def make():
            return ConvNet(depth, norm, width, activation, pooling, shape, classes)

        reference = make()
        state = {key: ruled(key, list(value.shape), seed).to(value.dtype)
                 for key, value in reference.state_dict().items()}
        layers = [key for key, module in reference.named_modules() if isinstance(module, torch.nn.BatchNorm2d)]
        bn_layers = {"first_bn": layers[0], "last_bn": layers[-1]} if layers else {}
        single = network_outputs(make, state, x, y, torch.float32, bn_layers)
        double = network_outputs(make, state, x, y, torch.float64, bn_layers)
        expected = outputs(store, f"own_{number}", single, double)
        # The bias in front of a batch normalisation has no true gradient. Adam makes full steps of what rounding leaves, and
        # evaluation mode, unlike training mode, shows them.
        for output in expected:
            if bn_layers and output.startswith("adamw_eval"):
                expected[output]["weak"] = True
        case = {
            "id": f"own_{number}_{name}",
            "kind": "models",
            "file": "models.safetensors",
            "params": {
                "model": name, "width": width, "activation": activation, "pooling": pooling,
                "input": dict(zip(("channels", "height", "width"), shape)),
                "num_classes": classes, "rule_seed": seed,
                "parameters_in_order": [key for key, _ in reference.named_parameters()],
                "state_dict_shapes": {key: list(value.shape) for key, value in reference.state_dict().items()},
                "first_bn": bn_layers.get("first_bn"), "last_bn": bn_layers.get("last_bn"),
                "sgd": SGD, "adamw": ADAMW,
            },
            "inputs": {"x": store(f"own_{number}/x", x), "y": store(f"own_{number}/y", y.int())},
            "outputs": expected,
        }
        cases.append(case)
    return cases


# ---------------------------------------------------------------------------------------------------------------- DSA


def resample(x, theta):
    grid = F.affine_grid(theta, x.shape, align_corners=True)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=True)


def share(side, ratio):
    return int(side * ratio + 0.5)


def dsa(op, x, p, draws):
    """One operation on x with its draws; units are uniform in [0, 1), integers are what they are."""
    n, _, height, width = x.shape
    zero = torch.zeros(n, dtype=x.dtype)
    column = [draw.to(x.dtype).reshape(n, 1, 1, 1) if draw.is_floating_point() else draw for draw in draws]
    if op == "scale":
        sx, sy = (1 / p["scale"] + draw.to(x.dtype) * (p["scale"] - 1 / p["scale"]) for draw in draws)
        return resample(x, torch.stack([torch.stack([sx, zero, zero], 1), torch.stack([zero, sy, zero], 1)], 1))
    if op == "rotate":
        t = (2 * draws[0].to(x.dtype) - 1) * p["rotate"] * math.pi / 180
        rows = [torch.stack([t.cos(), -t.sin(), zero], 1), torch.stack([t.sin(), t.cos(), zero], 1)]
        return resample(x, torch.stack(rows, 1))
    if op == "flip":
        return torch.where(column[0] < p["flip"], x.flip(3), x)
    if op == "color":
        x = x + (column[0] - 0.5) * p["brightness"]
        mean = x.mean(1, keepdim=True)
        x = (x - mean) * (column[1] * p["saturation"]) + mean
        mean = x.mean((1, 2, 3), keepdim=True)
        return (x - mean) * (column[2] + p["contrast"]) + mean
    result = torch.zeros_like(x) if op == "crop" else x.clone()
    for k in range(n):
        a, b = int(draws[0][k]), int(draws[1][k])
        if op == "crop":
            for i in range(height):
                for j in range(width):
                    if 0 <= i + a < height and 0 <= j + b < width:
                        result[k, :, i, j] = x[k, :, i + a, j + b]
        else:
            for r in range(share(height, p["cutout"])):
                for c in range(share(width, p["cutout"])):
                    i = min(max(a - share(height, p["cutout"]) // 2 + r, 0), height - 1)
                    j = min(max(b - share(width, p["cutout"]) // 2 + c, 0), width - 1)
                    result[k, :, i, j] = 0
    return result


def dsa_draws(op, shape, p, generator):
    n, _, height, width = shape
    if op in ("crop", "cutout"):
        if op == "crop":
            limits = [(-share(side, p["crop"]), share(side, p["crop"]) + 1) for side in (height, width)]
        else:
            limits = [(0, side + 1 - share(side, p["cutout"]) % 2) for side in (height, width)]
        return [torch.randint(low, high, (n,), generator=generator).int() for low, high in limits]
    count = {"scale": 2, "color": 3}.get(op, 1)
    return [torch.rand(n, generator=generator) for _ in range(count)]


OPERATIONS = ["scale", "rotate", "flip", "color", "crop", "cutout"]
STRONG = {"flip": 0.8, "rotate": 170.0, "saturation": 3.0, "brightness": 2.0,
          "contrast": 0.1, "scale": 2.5, "crop": 0.4, "cutout": 0.3}


def augment_cases(store):
    cases = []
    plan = [(f"dsa_{op}_sq", [op], (4, 3, 8, 8), STANDARD, False) for op in OPERATIONS]
    plan += [(f"dsa_{op}_strong_wide", [op], (3, 3, 7, 10), STRONG, False) for op in OPERATIONS]
    plan += [("dsa_chain_M", OPERATIONS, (4, 3, 9, 6), STRONG, False),
             ("dsa_chain_M_grey", OPERATIONS, (2, 1, 8, 8), STANDARD, False),
             ("dsa_chain_M_siamese", OPERATIONS, (3, 3, 8, 8), STRONG, True)]
    for number, (name, operations, shape, p, siamese) in enumerate(plan):
        # Cases of one shape share their pictures.
        x = torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))
        generator = torch.Generator().manual_seed(500 + number)
        single, double, inputs = x, x.double(), {"x": store("x_" + "_".join(map(str, shape)), x)}
        for op in operations:
            draws = dsa_draws(op, shape, p, generator)
            for draw in draws:
                kind = "rand" if draw.is_floating_point() else "randint"
                key = f"draw{len(inputs) - 1}_{kind}"
                inputs[key] = store(f"{name}/{key}", draw)
            used = [draw[:1].expand(shape[0]) for draw in draws] if siamese else draws
            single, double = dsa(op, single, p, used), dsa(op, double, p, used)
        is_chain = len(operations) > 1
        cases.append({
            "id": f"own_{name}", "kind": "augment", "file": "augment.safetensors",
            "params": {"op": "chain" if is_chain else operations[0], "dsa_params": p, "siamese": siamese,
                       "mode": "M" if is_chain else "S", "seed": -1},
            "inputs": inputs,
            "outputs": outputs(store, name, {"y": single}, {"y": double}),
        })
    return cases


# --------------------------------------------------------------------------------------------------------- transforms


def transform_cases(store):
    """CutMix, Mixup and picture transforms from their definitions, one small picture or batch each."""
    cases = []
    generator = torch.Generator().manual_seed(1400)
    x = torch.randn(5, 3, 9, 12, generator=generator)
    perm = torch.tensor([3, 0, 4, 1, 2])
    image = torch.randint(0, 256, (13, 18, 3), generator=generator).to(torch.uint8)

    def add(name, kind, params, inputs, single, double):
        cases.append({
            "id": f"own_{name}", "kind": kind, "file": "transforms.safetensors", "params": params,
            "inputs": {key: store(f"transforms/{key}", value) for key, value in inputs.items()},
            "outputs": outputs(store, name, {"y": single}, {"y": double}),
        })

    batch = {"x": x, "perm": perm.int()}
    lam = 0.3
    mixed = [lam * y + (1 - lam) * y[perm] for y in (x, x.double())]
    add("mixup", "augment", {"op": "mixup", "lambda": lam}, batch, *mixed)
    lam, row, column = 0.4, 2, 10
    sides = [int(side * math.sqrt(1 - lam)) for side in (9, 12)]
    top, bottom = max(row - sides[0] // 2, 0), min(row + sides[0] // 2, 9)
    left, right = max(column - sides[1] // 2, 0), min(column + sides[1] // 2, 12)
    cut = x.clone()
    cut[:, :, top:bottom, left:right] = x[perm][:, :, top:bottom, left:right]
    params = {"op": "cutmix", "lambda": lam, "centre_dim2": row, "centre_dim3": column,
              "box_dim2_from_dim2_to_dim3_from_dim3_to": [top, bottom, left, right]}
    add("cutmix", "augment", params, batch, cut, cut.double())

    picture = {"image": image}
    planes = image.permute(2, 0, 1).double() / 255
    mean, std = [0.49, 0.48, 0.44], [0.25, 0.24, 0.26]
    column = lambda values, dtype: torch.tensor(values, dtype=dtype)[:, None, None]
    normalised = [(planes.to(dtype) - column(mean, dtype)) / column(std, dtype) for dtype in (torch.float32, torch.float64)]
    add("normalize", "transforms", {"op": "to_tensor_normalize", "mean": mean, "std": std}, picture, *normalised)
    for size in ([7, 11], [20, 25]):
        resized = [F.interpolate(planes.to(dtype)[None], size, mode="bilinear", antialias=True)[0]
                   for dtype in (torch.float32, torch.float64)]
        add(f"resize_float_{size[0]}", "transforms", {"op": "resize", "size": size}, picture, *resized)
    padded = F.pad(image.permute(2, 0, 1), (4, 4, 4, 4)).permute(1, 2, 0)
    cropped = padded[1:14, 7:20].contiguous()
    params = {"op": "random_crop", "size": 13, "padding": 4, "top_in_padded": 1, "left_in_padded": 7}
    add("randomcrop", "transforms", params, picture, cropped, cropped)
    return cases


# --------------------------------------------------------------------------------------------------------- optimisers


def optimizer_cases(store):
    cases = []
    plan = [("sgd", 0.05, 1e-3, 0.9), ("sgd", 0.2, 0.0, 0.0), ("adam", 0.02, 0.01, [0.9, 0.999]),
            ("adamw", 0.02, 0.05, [0.85, 0.97])]
    for number, (name, lr, decay, momentum) in enumerate(plan):
        generator = torch.Generator().manual_seed(900 + number)
        start = torch.randn(4, 3, generator=generator)
        gradients = torch.randn(6, 4, 3, generator=generator)

        def run(dtype):
            parameter = torch.nn.Parameter(start.to(dtype).clone())
            if name == "sgd":
                optimizer = torch.optim.SGD([parameter], lr, momentum, weight_decay=decay)
            else:
                kind = torch.optim.Adam if name == "adam" else torch.optim.AdamW
                optimizer = kind([parameter], lr, tuple(momentum), 1e-8, decay)
            after = []
            for gradient in gradients:
                parameter.grad = gradient.to(dtype)
                optimizer.step()
                after.append(parameter.detach().clone())
            return {"after_each_step": torch.stack(after)}

        cases.append({
            "id": f"own_optimizer_{number}_{name}", "kind": "optimizers", "file": "optimizers.safetensors",
            "params": {"optimizer": name, "lr": lr, "weight_decay": decay, "momentum_argument": momentum},
            "inputs": {"start": store(f"optimizer_{number}/start", start),
                       "gradients": store(f"optimizer_{number}/gradients", gradients)},
            "outputs": outputs(store, f"optimizer_{number}", run(torch.float32), run(torch.float64)),
        })
    return cases


# ------------------------------------------------------------------------------------------------------------- losses


def loss_cases(store):
    """The criteria from their definitions: temperature on both sides, its square as the factor of `scale_loss`."""
    cases = []
    for classes, batch in ((7, 5), (120, 4)):
        generator = torch.Generator().manual_seed(1200 + classes)
        student = 3 * torch.randn(batch, classes, generator=generator)
        teacher = 4 * torch.randn(batch, classes, generator=generator)
        target = torch.randint(classes, (batch,), generator=generator)
        inputs = {"student": store(f"losses_{classes}/student", student), "teacher": store(f"losses_{classes}/teacher", teacher)}
        hard = {"target": store(f"losses_{classes}/target", target.int())}

        def soft(name, temperature, scale):
            def loss(s, t, y):
                log, q = F.log_softmax(s / temperature, 1), F.softmax(t / temperature, 1)
                value = -(q * log).sum(1).mean() if name == "sce" else F.kl_div(log, q, reduction="batchmean")
                return value * (temperature**2 if scale else 1)
            return loss

        def add(identity, params, inputs, loss):
            def run(dtype):
                s = student.detach().to(dtype).clone().requires_grad_()
                value = loss(s, teacher.to(dtype), target)
                value.backward()
                return {"loss": value.detach().reshape(1), "grad_student": s.grad}
            cases.append({
                "id": f"own_loss_{identity}_c{classes}", "kind": "losses", "file": "losses.safetensors",
                "params": params, "inputs": inputs,
                "outputs": outputs(store, f"{identity}_c{classes}", run(torch.float32), run(torch.float64)),
            })

        for name in ("sce", "kl"):
            for temperature, scale in ((1.0, False), (1.7, True), (20.0, False), (20.0, True)):
                params = {"loss": name, "temperature": temperature, "scale_loss": scale}
                add(f"{name}_T{temperature}_{scale}", params, inputs, soft(name, temperature, scale))
        for mse, ce in ((1.0, 0.025), (0.3, 0.7)):
            params = {"loss": "mse_gt", "mse_weight": mse, "ce_weight": ce}
            loss = lambda s, t, y, mse=mse, ce=ce: mse * F.mse_loss(s, t) + ce * F.cross_entropy(s, y)
            add(f"mse_gt_{mse}_{ce}", params, inputs | hard, loss)
        add("cross_entropy", {"loss": "cross_entropy"}, inputs | hard, lambda s, t, y: F.cross_entropy(s, y))

    # Accuracies are counts: rows enough that top-1 and top-5 are neither none nor all of them.
    for classes, batch in ((6, 30), (50, 40)):
        generator = torch.Generator().manual_seed(1300 + classes)
        teacher = torch.randn(batch, classes, generator=generator)
        student = teacher + 1.2 * torch.randn(batch, classes, generator=generator)
        target = torch.where(torch.rand(batch, generator=generator) < 0.6, student.argmax(1),
                             torch.randint(classes, (batch,), generator=generator))

        def percent(labels):
            hit = student.topk(5, 1).indices == labels[:, None]
            return torch.stack([100 * hit[:, :k].any(1).double().mean() for k in (1, 5)])

        prefix = f"accuracy_{classes}"
        described = {}
        for name, labels in (("acc_hard", target), ("acc_against_teacher_argmax", teacher.argmax(1))):
            value = store(f"{prefix}/{name}", percent(labels).float())
            described[name] = value | {"atol": 1e-5, "rtol": 1e-5, "noise": 0.0, "weak": False}
        cases.append({
            "id": f"own_accuracy_c{classes}", "kind": "losses", "file": "losses.safetensors",
            "params": {"topk": [1, 5], "unit": "percent"},
            "inputs": {"student": store(f"{prefix}/student", student), "teacher": store(f"{prefix}/teacher", teacher),
                       "target": store(f"{prefix}/target", target.int())},
            "outputs": described,
        })
    return cases


# -------------------------------------------------------------------------------------------------------------- files


def schedule_cases():
    """Rates of torch's own schedulers, stepped once an epoch; `cosine` is the reference's quarter of a cosine."""
    cases = []
    for name, epochs, step_size, gamma in (("step", 7, 2, 0.5), ("cosineannealing", 7, None, None), ("cosine", 7, None, None)):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.02)
        if name == "step":
            scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)
        elif name == "cosineannealing":
            scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
        else:
            factor = lambda epoch: 0.5 * (1 + math.cos(math.pi * epoch / epochs / 2))
            scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        rates = []
        for _ in range(epochs):
            rates.append(scheduler.get_last_lr()[0])
            optimizer.step()
            scheduler.step()
        cases.append({
            "id": f"own_schedule_{name}", "kind": "schedule",
            "params": {"scheduler": name, "num_epochs": epochs, "lr": 0.02, "step_size": step_size, "gamma": gamma},
            "expected": {"lr_used_in_epoch": rates, "lr_after_last_epoch": scheduler.get_last_lr()[0]},
            "tolerance": {"rtol": 1e-6, "atol": 1e-9},
        })
    return cases


def outputs(store, prefix, single, double):
    described = {}
    for name, value in single.items():
        scale = float(double[name].abs().max())
        noise = float((value.double() - double[name].double()).abs().max())
        atol = max(20 * noise, 1e-5 * scale, 1e-7)
        described[name] = store(f"{prefix}/{name}", value.float()) | {
            "atol": atol, "rtol": 1e-3 if name == "grad_norms" else 0.0, "noise": noise,
            "weak": atol > scale / 20,
        }
    return described


def writer(tensors):
    def store(key, value):
        array = value.contiguous().numpy()
        tensors[key] = array
        return {"key": key, "shape": list(array.shape), "dtype": str(array.dtype)}
    return store


def main():
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    cases = []
    for name, make in (("models", network_cases), ("augment", augment_cases), ("optimizers", optimizer_cases),
                       ("losses", loss_cases), ("transforms", transform_cases)):
        tensors = {}
        cases += make(writer(tensors))
        save_file(tensors, HERE / f"{name}.safetensors")
    cases += schedule_cases()
    probes = {"features.4.weight": [5, 5, 3, 3], "features.1.weight": [5], "classifier.bias": [3],
              "features.1.running_mean": [5], "features.1.running_var": [5]}
    cases.append({
        "id": "own_weight_rule_probe", "kind": "rule", "params": {"rule_seed": 7},
        "expected": {name: {"shape": shape, "first_four": ruled(name, shape, 7).flatten()[:4].tolist()}
                     for name, shape in probes.items()},
        "tolerance": {"atol": 1e-7},
    })
    made_with = json.dumps({"torch": torch.__version__, "numpy": np.__version__})
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = f'{{"format": 1, "made_with": {made_with}, "cases": [\n{lines}\n]}}\n'
    (HERE / "manifest.json").write_text(text)


if __name__ == "__main__":
    main()
