//! `ddrank relabel`: soft labels of tensor files and image folders.

use std::path::Path;

use crate::workbench::{CLASSES, Workbench};
use burn::tensor::{Device, Tensor, TensorData};
use ddrank_files::{ElementType, FileTensor, Limits, read_tensor_file, write_safetensors};
use ddrank_models::{InputShape, ModelSpec, Network};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const INPUT: InputShape = InputShape {
    channels: 3,
    height: 8,
    width: 8,
};
const MEAN: [f32; 3] = [0.5, 0.25, 0.125];
const STD: [f32; 3] = [0.5, 0.25, 2.0];
const STATISTICS: [&str; 2] = ["--mean=0.5,0.25,0.125", "--std=0.5,0.25,2"];

/// A narrow ConvNet whose weights are saved as `NAME.safetensors`, and how the command line names it.
fn teacher(bench: &Workbench, model: &str, seed: u64, name: &str) -> (Network, String) {
    let spec = ModelSpec {
        width: 6.into(),
        ..ModelSpec::new(model.parse().unwrap())
    };
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let network = spec
        .build(INPUT, CLASSES, &mut generator, &Device::flex())
        .unwrap();
    let tensors: Vec<FileTensor> = network
        .state_dict()
        .into_iter()
        .map(|(name, data)| {
            let shape = data.shape().as_slice().to_vec();
            FileTensor::from_f32(name, shape, &data.iter::<f32>().collect::<Vec<_>>()).unwrap()
        })
        .collect();
    let file = format!("{name}.safetensors");
    write_safetensors(&bench.join(&file), &tensors).unwrap();
    let argument = format!("{{ model = \"{model}\", width = 6, weights = \"{file}\" }}");
    (network, argument)
}

fn logits(network: &Network, images: &[f32]) -> Vec<f32> {
    let shape = [images.len() / 192, 3, 8, 8];
    let images = Tensor::from_data(TensorData::new(images.to_vec(), shape), &Device::flex());
    network
        .forward_eval(images)
        .into_data()
        .try_to_vec()
        .unwrap()
}

fn pixels(count: usize) -> Vec<f32> {
    (0..count * 192)
        .map(|index| (index * 7919 % 1009) as f32 / 504.5 - 1.0)
        .collect()
}

fn save(bench: &Workbench, name: &str, count: usize) -> Vec<f32> {
    let values = pixels(count);
    let images = FileTensor::from_f32("images", vec![count, 3, 8, 8], &values).unwrap();
    let labels = FileTensor::from_i64("targets", vec![count], &vec![0; count]).unwrap();
    write_safetensors(&bench.join(name), &[images, labels]).unwrap();
    values
}

fn read(path: &Path) -> FileTensor {
    let file = read_tensor_file(path, &Limits::default()).unwrap();
    file.select(None).unwrap().clone()
}

fn assert_close(got: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= tolerance, "{got} for {expected}");
    }
}

#[test]
fn a_tensor_file_gets_the_mean_logits_of_the_teachers() {
    let bench = Workbench::new();
    let images = save(&bench, "images.safetensors", 7);
    let (first, one) = teacher(&bench, "ConvNet-1", 1, "one");
    let (second, two) = teacher(&bench, "ConvNet-2", 2, "two");
    let first = logits(&first, &images);
    let mean: Vec<f32> = (first.iter().zip(logits(&second, &images)))
        .map(|(a, b)| (a + b) / 2.0)
        .collect();

    let relabel = |teachers: &[&str], output: &str, more: &[&str]| {
        let mut arguments = vec![
            "relabel",
            "images.safetensors",
            "--classes=3",
            "--output",
            output,
        ];
        for teacher in teachers {
            arguments.extend(["--teacher", teacher]);
        }
        arguments.extend(more);
        let finished = bench.run(&arguments).succeeded();
        assert!(
            finished.out.contains("wrote the logits [7, 3]"),
            "{}",
            finished.out
        );
        let labels = read(&bench.join(output));
        assert_eq!(labels.shape(), [7, 3]);
        labels
    };
    let labels = relabel(&[&one], "labels.safetensors", &[]);
    assert_eq!(
        (labels.name(), labels.element()),
        ("labels", ElementType::F32)
    );
    assert_close(&labels.to_f32(), &first, 1e-5);
    // Batches, containers and the number of teachers.
    let small = relabel(&[&one], "labels.npy", &["--batch-size=3"]);
    assert_close(&small.to_f32(), &first, 1e-5);
    let both = relabel(&[&one, &two], "both.safetensors", &["--batch-size=1"]);
    assert_close(&both.to_f32(), &mean, 1e-5);
    // Half precision rounds to 11 bits.
    let half = relabel(&[&one], "half.safetensors", &["--precision=f16"]);
    assert_eq!(half.element(), ElementType::F16);
    let largest = first
        .iter()
        .fold(0.0_f32, |most, value| most.max(value.abs()));
    assert_close(&half.to_f32(), &first, largest / 1024.0);
}

#[test]
fn a_distilled_set_scores_with_its_new_labels_in_the_same_order() {
    let bench = Workbench::new();
    let (network, argument) = teacher(&bench, "ConvNet-1", 3, "t");
    let mut expected = Vec::new();
    for class in 0..CLASSES {
        for index in 0..2 {
            let path = bench.join(&format!("syn/{class}/{index:02}.png"));
            let picture = image::open(path).unwrap().into_rgb8();
            for channel in 0..3 {
                let value = |pixel: &image::Rgb<u8>| {
                    (f32::from(pixel.0[channel]) / 255.0 - MEAN[channel]) / STD[channel]
                };
                expected.extend(picture.pixels().map(value));
            }
        }
    }
    let expected = logits(&network, &expected);
    let arguments = [
        "relabel",
        "syn",
        "--teacher",
        &argument,
        "--classes=3",
        "-o",
        "l.safetensors",
    ];
    let arguments = [&arguments[..], &STATISTICS, &["--batch-size=4"]].concat();
    let finished = bench.run(&arguments).succeeded();
    assert_close(
        &read(&bench.join("l.safetensors")).to_f32(),
        &expected,
        1e-4,
    );

    let right = expected.chunks(3).enumerate().filter(|(image, row)| {
        let best = (0..3).max_by(|&a, &b| row[a].total_cmp(&row[b]));
        best == Some(image / 2)
    });
    let share = format!(
        "{:.2} % of the pictures",
        100.0 * right.count() as f64 / 6.0
    );
    assert!(
        finished.out.contains(&share),
        "{share} is not in {}",
        finished.out
    );
}

#[test]
fn pictures_are_resized_and_strangers_are_named() {
    let bench = Workbench::new();
    let (_, argument) = teacher(&bench, "ConvNet-1", 3, "t");
    let large = image::RgbImage::from_pixel(20, 30, image::Rgb([40, 90, 160]));
    std::fs::create_dir_all(bench.join("photos/a")).unwrap();
    large.save(bench.join("photos/a/1.png")).unwrap();
    bench.write("photos/readme.txt", "x");
    let arguments = [
        "relabel",
        "photos",
        "--teacher",
        &argument,
        "--classes=3",
        "--output=l.npy",
    ];
    let arguments = [&arguments[..], &["--dataset=cifar10", "--size=8,8"]].concat();
    let finished = bench.run(&arguments).succeeded();
    assert!(finished.err.contains("readme.txt"), "{}", finished.err);
    // One class folder, three classes: nothing is said about right and wrong.
    assert!(!finished.out.contains('%'), "{}", finished.out);
    assert_eq!(read(&bench.join("l.npy")).shape(), [1, 3]);
}

#[test]
fn bad_requests_say_what_is_wrong_and_write_nothing() {
    let bench = Workbench::new();
    save(&bench, "images.safetensors", 4);
    let (_, good) = teacher(&bench, "ConvNet-1", 1, "good");
    let mut broken = pixels(4);
    broken[2 * 192 + 5] = f32::NAN;
    let broken = FileTensor::from_f32("", vec![4, 3, 8, 8], &broken).unwrap();
    write_safetensors(&bench.join("nan.safetensors"), &[broken]).unwrap();
    let bytes = FileTensor::from_u8("", vec![1, 3, 8, 8], vec![0; 192]).unwrap();
    write_safetensors(&bench.join("bytes.safetensors"), &[bytes]).unwrap();
    let flat = FileTensor::from_f32("", vec![4, 192], &pixels(4)).unwrap();
    write_safetensors(&bench.join("flat.safetensors"), &[flat]).unwrap();
    let none = FileTensor::from_f32("", vec![0, 3, 8, 8], &[]).unwrap();
    write_safetensors(&bench.join("none.safetensors"), &[none]).unwrap();
    let pair = ["a", "b"].map(|n| FileTensor::from_f32(n, vec![1, 3, 8, 8], &pixels(1)).unwrap());
    write_safetensors(&bench.join("pair.safetensors"), &pair).unwrap();
    // The last picture of the last class is no picture; others have another size.
    bench.draw_images("cut", 2);
    bench.write("cut/2/zz.png", "no picture");
    bench.draw_images("sizes", 1);
    image::RgbImage::new(9, 8)
        .save(bench.join("sizes/1/99.png"))
        .unwrap();
    bench.write("former.npy", "former");

    let teacher = ["--teacher", &good];
    let output = ["--classes=3", "--output=out.npy"];
    let usual = [&teacher[..], &output].concat();
    let check = |images: &str, more: &[&[&str]], parts: &[&str]| {
        let arguments = [&["relabel", images][..], &more.concat()].concat();
        bench.run(&arguments).failed(2, parts);
        assert!(!bench.join("out.npy").exists(), "{arguments:?}");
    };
    let folder = [&STATISTICS[..], &usual].concat();

    // The images.
    check("nowhere.pt", &[&usual], &["nowhere.pt"]);
    check("nan.safetensors", &[&usual], &["image 2", "NaN", "finite"]);
    check("bytes.safetensors", &[&usual], &["u8", "normalised floats"]);
    check(
        "flat.safetensors",
        &[&usual],
        &["[4, 192]", "[count, channels, height, width]"],
    );
    check("none.safetensors", &[&usual], &["[0, 3, 8, 8]"]);
    check(
        "pair.safetensors",
        &[&usual],
        &["2 tensors", "a [1, 3, 8, 8]"],
    );
    check(
        "images.safetensors",
        &[&usual, &["--key=imgs"]],
        &["`imgs`", "images [4, 3, 8, 8]"],
    );
    check(
        "syn",
        &[&folder, &["--key=images"]],
        &["syn is an image folder", "no tensor"],
    );
    check("cut", &[&folder, &["--batch-size=2"]], &["zz.png"]);
    check("sizes", &[&folder], &["99.png", "8x9", "8x8"]);
    bench.write("empty/readme.txt", "x");
    check(
        "empty",
        &[&folder],
        &["no pictures", "one folder per class"],
    );
    // Statistics and sizes.
    check("syn", &[&usual], &["image folder", "statistics"]);
    check(
        "images.safetensors",
        &[&folder],
        &["tensor file", "used as it is"],
    );
    check(
        "images.safetensors",
        &[&usual, &["--size=8,8"]],
        &["tensor file", "resized"],
    );
    check("syn", &[&usual, &["--mean=0.5,0.5,0.5"]], &["--std"]);
    check(
        "syn",
        &[&usual, &["--mean=0.5,0.5", "--std=0.5,0.5"]],
        &["2 channels", "3"],
    );
    check(
        "syn",
        &[&usual, &["--mean=0,0,0", "--std=1,0,1"]],
        &["std of channel 1", "above 0"],
    );
    check(
        "syn",
        &[&folder, &["--dataset=cifar10"]],
        &["--dataset", "--mean"],
    );
    check(
        "syn",
        &[&usual, &["--dataset=mnist"]],
        &["mnist", "cifar10"],
    );
    for size in ["8", "8,0", "8,x", "5000,8", "8,8,8"] {
        check(
            "syn",
            &[&folder, &["--size", size]],
            &["--size", "1 to 4096"],
        );
    }
    // The teachers.
    check("images.safetensors", &[&output], &["--teacher"]);
    check(
        "images.safetensors",
        &[&output, &["--teacher=ConvNet-1"]],
        &["MODEL=WEIGHTS"],
    );
    check(
        "images.safetensors",
        &[&output, &["--teacher=ConvNett=x.pt"]],
        &["ConvNett"],
    );
    check(
        "images.safetensors",
        &[&output, &["--teacher=ConvNet-1=x.pt"]],
        &["x.pt"],
    );
    check(
        "images.safetensors",
        &[&output, &["--teacher=ConvNet-1=good.safetensors"]],
        &["good.safetensors", "other shape", "features.0.weight"],
    );
    check(
        "images.safetensors",
        &[&usual, &["--source=torchvision"]],
        &["`--source`", "table"],
    );
    check(
        "images.safetensors",
        &[
            &output,
            &[
                "--teacher=ConvNet-1=good.safetensors",
                "--source=torchvision",
            ],
        ],
        &["torchvision", "ddranking"],
    );
    check(
        "images.safetensors",
        &[&usual, &["--source=timm"]],
        &["timm", "torchvision"],
    );
    // Classes, batches, devices.
    check(
        "images.safetensors",
        &[&teacher, &["--output=out.npy"]],
        &["--classes"],
    );
    check(
        "images.safetensors",
        &[&teacher, &["--output=out.npy", "--classes=1"]],
        &["--classes"],
    );
    check(
        "images.safetensors",
        &[&teacher, &["--output=out.npy", "--classes=4"]],
        &["classifier.weight", "good.safetensors"],
    );
    check(
        "images.safetensors",
        &[&usual, &["--batch-size=0"]],
        &["--batch-size"],
    );
    check(
        "images.safetensors",
        &[&usual, &["--precision=f64"]],
        &["f64", "f16"],
    );
    check(
        "images.safetensors",
        &[&usual, &["--device=tpu"]],
        &["tpu", "flex"],
    );
    // The output.
    let elsewhere = |output: &str, parts: &[&str]| {
        check(
            "images.safetensors",
            &[&teacher, &["--classes=3", "--output", output]],
            parts,
        );
    };
    elsewhere("out.pt", &["`.pt`", ".safetensors and .npy"]);
    elsewhere("out", &["without an extension"]);
    elsewhere("nowhere/out.npy", &["no folder nowhere"]);
    elsewhere("./images.safetensors", &["is the input"]);

    // What was there before is still there, and nothing else is.
    let arguments = [
        "relabel",
        "cut",
        "--output=former.npy",
        "--classes=3",
        "--batch-size=2",
    ];
    let arguments = [&arguments[..], &STATISTICS, &teacher].concat();
    bench.run(&arguments).failed(2, &["zz.png"]);
    assert_eq!(bench.read("former.npy"), "former");
    let left = std::fs::read_dir(bench.path()).unwrap();
    for entry in left {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.contains("tmp"), "{name} is left");
    }
}
