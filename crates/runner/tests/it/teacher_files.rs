//! Teachers from files.

use std::error::Error;
use std::path::{Path, PathBuf};

use burn::tensor::{DType, Device, Tensor, TensorData};
use ddrank_data::Fingerprint;
use ddrank_files::{ElementType, FileTensor, write_safetensors};
use ddrank_models::{InputShape, ModelSpec, Network};
use ddrank_runner::input::teacher_files::{
    TeacherFile, TeacherFileError, WeightsOrigin, load_teachers,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const INPUT: InputShape = InputShape {
    channels: 3,
    height: 8,
    width: 8,
};
const CLASSES: usize = 4;

fn spec(name: &str) -> ModelSpec {
    ModelSpec {
        width: 6.into(),
        ..ModelSpec::new(name.parse().unwrap())
    }
}

fn network(name: &str, seed: u64) -> Network {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    spec(name)
        .build(INPUT, CLASSES, &mut generator, &Device::flex())
        .unwrap()
}

/// The state dict as file tensors, with something in front of every name.
fn tensors(network: &Network, prefix: &str) -> Vec<FileTensor> {
    let tensor = |(name, data): (String, TensorData)| {
        let shape = data.shape().as_slice().to_vec();
        let name = format!("{prefix}{name}");
        match data.dtype() {
            DType::I64 => FileTensor::from_i64(name, shape, &data.try_to_vec::<i64>().unwrap()),
            _ => FileTensor::from_f32(name, shape, &data.try_to_vec::<f32>().unwrap()),
        }
        .unwrap()
    };
    network.state_dict().into_iter().map(tensor).collect()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn save(&self, name: &str, tensors: &[FileTensor]) -> PathBuf {
        let path = self.join(name);
        write_safetensors(&path, tensors).unwrap();
        path
    }
}

fn teacher(model: &str, weights: &Path) -> TeacherFile {
    TeacherFile {
        model: spec(model),
        weights: weights.to_owned(),
        weights_key: None,
    }
}

fn images() -> Tensor<4> {
    let values: Vec<f32> = (0..5 * 192)
        .map(|index| (index * 7919 % 1009) as f32 / 504.5 - 1.0)
        .collect();
    Tensor::from_data(TensorData::new(values, [5, 3, 8, 8]), &Device::flex())
}

fn floats(logits: Tensor<2>) -> Vec<f32> {
    logits.into_data().try_to_vec().unwrap()
}

fn logits(teachers: &[TeacherFile]) -> Vec<f32> {
    let teachers = load_teachers(teachers, INPUT, CLASSES, &Device::flex()).unwrap();
    floats(teachers.teachers.logits(images()))
}

fn refused(teachers: &[TeacherFile]) -> TeacherFileError {
    load_teachers(teachers, INPUT, CLASSES, &Device::flex()).unwrap_err()
}

/// The error and its causes, as the command line shows them.
fn chain(error: &TeacherFileError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(&format!("; {error}"));
        source = error.source();
    }
    text
}

fn origin(teacher: &TeacherFile) -> WeightsOrigin {
    let teacher = std::slice::from_ref(teacher);
    let loaded = load_teachers(teacher, INPUT, CLASSES, &Device::flex()).unwrap();
    loaded.origins.into_iter().next().unwrap()
}

fn fingerprint(model: &str, path: &Path) -> Fingerprint {
    origin(&teacher(model, path)).fingerprint
}

#[test]
fn a_state_dict_is_found_wherever_scripts_put_it() {
    let folder = Folder::new();
    let network = network("ConvNet-2-BN", 1);
    let expected = floats(network.forward_eval(images()));
    let plain = folder.save("plain.safetensors", &tensors(&network, ""));
    for prefix in [
        "",
        "module.",
        "_orig_mod.",
        "module._orig_mod.",
        "_orig_mod.module.",
        "state_dict.",
        "model.",
        "model_state_dict.module.",
        "net._orig_mod.",
        "state_dict.model.",
    ] {
        let mut content = tensors(&network, prefix);
        if prefix.starts_with("state_dict.") || prefix.starts_with("model_state_dict.") {
            content.push(FileTensor::from_f32("optimizer.momentum", vec![2], &[1.0, 2.0]).unwrap());
        }
        let path = folder.save("other.safetensors", &content);
        assert_eq!(
            logits(&[teacher("ConvNet-2-BN", &path)]),
            expected,
            "{prefix}"
        );
        let model = "ConvNet-2-BN";
        assert_eq!(
            fingerprint(model, &path),
            fingerprint(model, &plain),
            "{prefix}"
        );
    }
}

#[test]
fn an_ensemble_answers_with_the_mean() {
    let folder = Folder::new();
    let (first, second) = (network("ConvNet-1", 1), network("ConvNet-2", 2));
    let files = [
        teacher("ConvNet-1", &folder.save("1", &tensors(&first, ""))),
        teacher("ConvNet-2", &folder.save("2", &tensors(&second, "module."))),
    ];
    let (first, second) = (
        floats(first.forward_eval(images())),
        floats(second.forward_eval(images())),
    );
    for (got, (first, second)) in logits(&files).iter().zip(first.iter().zip(&second)) {
        assert!((got - (first + second) / 2.0).abs() < 1e-6);
    }
}

#[test]
fn the_fingerprint_is_of_the_content_as_loaded() {
    let folder = Folder::new();
    let weights = tensors(&network("ConvNet-1-BN", 1), "");
    let original = fingerprint("ConvNet-1-BN", &folder.save("a", &weights));

    let mut reversed = weights.clone();
    reversed.reverse();
    assert_eq!(
        fingerprint("ConvNet-1-BN", &folder.save("b", &reversed)),
        original
    );
    // What older PyTorch did not save.
    let counter = |tensor: &FileTensor| tensor.name().ends_with("num_batches_tracked");
    let without: Vec<_> = weights.iter().filter(|t| !counter(t)).cloned().collect();
    assert!(without.len() < weights.len());
    assert_eq!(
        fingerprint("ConvNet-1-BN", &folder.save("c", &without)),
        original
    );
    // Doubles are loaded as singles.
    let wide = |tensor: &FileTensor| {
        let bytes = tensor
            .to_f64()
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect();
        FileTensor::new(
            tensor.name(),
            tensor.shape().to_vec(),
            ElementType::F64,
            bytes,
        )
        .unwrap()
    };
    let wide: Vec<_> = without.iter().map(wide).collect();
    assert_eq!(
        fingerprint("ConvNet-1-BN", &folder.save("d", &wide)),
        original
    );

    // Every other change of a value shows.
    let mut others = vec![original];
    let mut changed = |index: usize, tensor: FileTensor| {
        let mut weights = weights.clone();
        weights[index] = tensor;
        let fingerprint = fingerprint("ConvNet-1-BN", &folder.save("e", &weights));
        assert!(!others.contains(&fingerprint));
        others.push(fingerprint);
    };
    let bias = &weights[1];
    let mut values = bias.to_f32();
    values[2] += 1e-6;
    let bent = FileTensor::from_f32(bias.name(), bias.shape().to_vec(), &values);
    changed(1, bent.unwrap());
}

#[test]
fn weights_of_another_model_are_an_error_that_lists_the_keys() {
    let folder = Folder::new();
    let path = folder.save(
        "w.safetensors",
        &tensors(&network("ConvNet-2", 1), "module."),
    );
    let error = chain(&refused(&[teacher("ConvNet-1", &path)]));
    for part in [
        "w.safetensors",
        "ConvNet-1",
        "another depth (2 convolutions and 1 linear layers, the model 1 convolutions and 1 linear layers)",
        "unexpected: features.4.bias",
        "other shape",
        "classifier.weight",
    ] {
        assert!(error.contains(part), "{part:?} is not in {error}");
    }
    let error = chain(&refused(&[teacher("ConvNet-3", &path)]));
    // Eight pixels become one after three poolings, so only the deepest block is missing.
    assert!(error.contains("missing: features.8.weight"), "{error}");

    // The one that is at fault is named.
    let good = teacher("ConvNet-2", &path);
    let bad = teacher(
        "ConvNet-2-BN",
        &folder.save("b", &tensors(&network("ConvNet-2", 1), "")),
    );
    let error = refused(&[good, bad.clone()]);
    assert!(
        matches!(&error, TeacherFileError::Teacher { path, .. } if *path == bad.weights),
        "{error:?}"
    );
}

#[test]
fn files_without_usable_weights_are_errors_that_name_the_file() {
    let folder = Folder::new();
    let network = network("ConvNet-1", 1);
    let check = |name: &str, parts: &[&str]| {
        let file = teacher("ConvNet-1", &folder.join(name));
        let error = chain(&refused(&[file]));
        for part in parts.iter().chain([&name]) {
            assert!(error.contains(part), "{part:?} is not in {error}");
        }
    };
    check("absent.pt", &["cannot read"]);
    std::fs::write(folder.join("text.pt"), "weights").unwrap();
    check("text.pt", &["not a tensor file"]);
    std::fs::create_dir(folder.join("folder")).unwrap();
    check("folder", &["it is a folder"]);

    let mut twice = tensors(&network, "model.");
    twice.extend(tensors(&self::network("ConvNet-1", 2), "net."));
    folder.save("twice.safetensors", &twice);
    check(
        "twice.safetensors",
        &[
            "several state dicts that fit the model: \"model\", \"net\"",
            "weights_key = \"model\"",
        ],
    );

    let bare = FileTensor::from_f32("", vec![2], &[1.0, 2.0]).unwrap();
    folder.save("bare.safetensors", &[bare]);
    check(
        "bare.safetensors",
        &["unexpected: (a bare tensor)", "missing: "],
    );

    let mut broken = tensors(&network, "");
    let count = broken[1].len();
    broken[1] =
        FileTensor::from_f32("features.0.bias", vec![count], &vec![f32::NAN; count]).unwrap();
    folder.save("nan.safetensors", &broken);
    check("nan.safetensors", &["features.0.bias", "not finite"]);

    broken[1] = FileTensor::new(
        "features.0.bias",
        vec![count],
        ElementType::Bool,
        vec![1; count],
    )
    .unwrap();
    folder.save("flags.safetensors", &broken);
    check(
        "flags.safetensors",
        &["features.0.bias (bool)", "neither floats nor integers"],
    );

    // A pickle without a tensor: the number 1.
    std::fs::write(folder.join("number.pt"), b"\x80\x02K\x01.").unwrap();
    check(
        "number.pt",
        &[
            "no weights",
            "torch.save(model.state_dict(), path)",
            "the number 1",
        ],
    );

    assert!(matches!(refused(&[]), TeacherFileError::None));
}

#[test]
fn of_two_state_dicts_the_named_one_is_taken() {
    let folder = Folder::new();
    let (plain, averaged) = (network("ConvNet-1-BN", 1), network("ConvNet-1-BN", 2));
    let mut both = tensors(&plain, "model.");
    both.extend(tensors(&averaged, "ema.module."));
    both.push(FileTensor::from_f32("ema.n_averaged", vec![1], &[7.0]).unwrap());
    let path = folder.save("both.safetensors", &both);
    let named = |key: &str| TeacherFile {
        weights_key: Some(key.to_owned()),
        ..teacher("ConvNet-1-BN", &path)
    };
    let expected = |network: &Network| floats(network.forward_eval(images()));
    assert_eq!(logits(&[named("model")]), expected(&plain));
    for key in ["ema", "ema.module"] {
        assert_eq!(logits(&[named(key)]), expected(&averaged), "{key}");
        let origin = origin(&named(key));
        assert_eq!(
            (origin.place.as_str(), &origin.others[..]),
            ("ema.module", &["model".to_owned()][..])
        );
        assert!(origin.remark().unwrap().contains("\"ema.module\""));
    }
    let error = chain(&refused(&[teacher("ConvNet-1-BN", &path)]));
    for part in ["\"ema.module\", \"model\"", "weights_key"] {
        assert!(error.contains(part), "{part:?} is not in {error}");
    }
    let error = chain(&refused(&[named("average")]));
    for part in ["`weights_key` = \"average\"", "\"ema\", \"model\""] {
        assert!(error.contains(part), "{part:?} is not in {error}");
    }

    // A top level that fits too has the empty name; the same numbers twice are no question.
    let mut top = tensors(&plain, "");
    top.extend(tensors(&averaged, "ema."));
    let path = folder.save("top.safetensors", &top);
    let named = |key: &str| TeacherFile {
        weights_key: Some(key.to_owned()),
        ..teacher("ConvNet-1-BN", &path)
    };
    assert_eq!(logits(&[named("")]), expected(&plain));
    assert_eq!(logits(&[named("ema")]), expected(&averaged));
    let mut same = tensors(&plain, "last.");
    same.extend(tensors(&plain, "best."));
    let path = folder.save("same.safetensors", &same);
    assert_eq!(logits(&[teacher("ConvNet-1-BN", &path)]), expected(&plain));
}

#[test]
fn a_refusal_says_the_likely_cause_on_one_screen() {
    let folder = Folder::new();
    let save = |name: &str, model: &str, classes: usize, width: usize| {
        let mut spec = ModelSpec::new(model.parse().unwrap());
        if model.starts_with("ConvNet") {
            spec.width = width.into();
        }
        let mut generator = ChaCha8Rng::seed_from_u64(1);
        let network = spec
            .build(INPUT, classes, &mut generator, &Device::flex())
            .unwrap();
        folder.save(name, &tensors(&network, "net."))
    };
    for (file, cause) in [
        (
            save("a", "ConvNet-2-BN", CLASSES, 9),
            "the checkpoint has width 9, the model 6",
        ),
        (
            save("b", "ConvNet-2-BN", 7, 6),
            "another number of classes (7, the data 4)",
        ),
        (
            save("c", "ConvNet-2-IN", CLASSES, 6),
            "another normalisation (one without running statistics",
        ),
        (
            save("d", "ConvNet-2-NONE", CLASSES, 6),
            "another normalisation (none; the model has batch",
        ),
        (
            save("e", "ConvNet-3-BN", CLASSES, 6),
            "another depth (3 convolutions",
        ),
        (save("f", "MLP", CLASSES, 6), "another architecture"),
    ] {
        let error = chain(&refused(&[teacher("ConvNet-2-BN", &file)]));
        assert!(error.contains(cause), "{cause:?} is not in {error}");
        assert!(error.len() < 900, "{error}");
    }
    // The other way: statistics that the model has no place for.
    let file = save("g", "ConvNet-2-BN", CLASSES, 6);
    let error = chain(&refused(&[teacher("ConvNet-2-IN", &file)]));
    assert!(
        error.contains("another normalisation (batch normalisation"),
        "{error}"
    );
}

/// Saves what safetensors holds with `torch.save`, in the ways of training scripts.
const TORCH: &str = r"
import sys, collections, argparse, torch
from safetensors.torch import load_file
source, folder = sys.argv[1:]
state = collections.OrderedDict(load_file(source))
state._metadata = collections.OrderedDict({'': {'version': 1}})
wrapped = lambda prefix: collections.OrderedDict((prefix + k, v) for k, v in state.items())
parameter = torch.nn.Parameter(torch.zeros(3))
momentum = torch.optim.SGD([parameter], lr=0.1, momentum=0.9)
parameter.sum().backward()
momentum.step()
files = {
    'plain': state,
    'parallel': wrapped('module.'),
    'compiled': wrapped('_orig_mod.'),
    'checkpoint': {'epoch': 3, 'state_dict': wrapped('module.'), 'optimizer': momentum.state_dict(),
                   'args': argparse.Namespace(lr=0.1), 'best': torch.tensor(0.5)},
    'model': {'model': state, 'optimizer': momentum.state_dict()},
    'parameters': collections.OrderedDict(
        (k, torch.nn.Parameter(v) if v.is_floating_point() else v) for k, v in state.items()),
    'double': collections.OrderedDict((k, v.double() if v.is_floating_point() else v) for k, v in state.items()),
}
for name, content in files.items():
    torch.save(content, f'{folder}/{name}.pt')
    torch.save(content, f'{folder}/{name}-legacy.pth', _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 2), f'{folder}/whole-model.pt')
print(torch.__version__)
";

/// With the path of a Python that has PyTorch and safetensors in `DDRANK_TORCH_PYTHON`: what `torch.save` wrote is read
/// to the same logits, bit for bit, and to the same fingerprint.
#[test]
fn files_of_torch_save_are_the_same_teachers() {
    let Some(python) = std::env::var_os("DDRANK_TORCH_PYTHON") else {
        println!("skipped: DDRANK_TORCH_PYTHON is not set");
        return;
    };
    let folder = Folder::new();
    for model in ["ConvNet-2-BN", "ConvNet-1-LN"] {
        let network = network(model, 3);
        let expected = floats(network.forward_eval(images()));
        let source = folder.save("source.safetensors", &tensors(&network, ""));
        let saved = std::process::Command::new(&python)
            .args(["-c", TORCH])
            .args([&source, folder.0.path()])
            .output()
            .unwrap();
        assert!(
            saved.status.success(),
            "{}",
            String::from_utf8_lossy(&saved.stderr)
        );
        let version = String::from_utf8_lossy(&saved.stdout);
        let mut read = 0;
        for entry in std::fs::read_dir(folder.0.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("whole-model.pt") {
                let error = chain(&refused(&[teacher(model, &path)]));
                assert!(error.contains("whole-model.pt"), "{error}");
                println!("{model}: {error}");
                continue;
            }
            assert_eq!(
                logits(&[teacher(model, &path)]),
                expected,
                "{}",
                path.display()
            );
            assert_eq!(
                fingerprint(model, &path),
                fingerprint(model, &source),
                "{}",
                path.display()
            );
            read += 1;
        }
        assert_eq!(read, 15, "seven contents in two containers, and the source");
        println!("{model}: {read} files, PyTorch {}", version.trim());
    }
}
