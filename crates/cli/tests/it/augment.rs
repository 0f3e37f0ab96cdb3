//! `ddrank augment`: augmented tensor files and folders, and their grids.

use std::path::Path;

use crate::workbench::{CLASSES, Workbench};
use ddrank_files::{FileTensor, Limits, read_tensor_file, write_safetensors};
use image::{Rgb, RgbImage};

const STATISTICS: [&str; 2] = ["--mean=0.5,0.25,0.125", "--std=0.5,0.25,2"];
const FLIP: &str = "--augmentation={ name = \"flip\", p = 1 }";

/// `[count, 3, 4, 5]`.
fn save(bench: &Workbench, name: &str, count: usize) -> Vec<f32> {
    let values: Vec<f32> = (0..count * 60)
        .map(|i| (i * 7919 % 1009) as f32 / 500.0 - 1.0)
        .collect();
    let images = FileTensor::from_f32("pictures", vec![count, 3, 4, 5], &values).unwrap();
    write_safetensors(&bench.join(name), &[images]).unwrap();
    values
}

fn read(path: &Path) -> FileTensor {
    let file = read_tensor_file(path, &Limits::default()).unwrap();
    file.select(None).unwrap().clone()
}

fn mirrored(values: &[f32]) -> Vec<f32> {
    values
        .chunks(5)
        .flat_map(|row| row.iter().rev().copied())
        .collect()
}

fn picture(bench: &Workbench, name: &str) -> RgbImage {
    image::open(bench.join(name)).unwrap().into_rgb8()
}

#[test]
fn a_tensor_file_keeps_its_order_and_its_values() {
    let bench = Workbench::new();
    let values = save(&bench, "in.safetensors", 7);
    let augment = |more: &[&str]| {
        let arguments = [&["augment", "in.safetensors"][..], more].concat();
        bench.run(&arguments).succeeded().out
    };
    // Three batches, whose images are not neighbours.
    augment(&[
        "--augmentation=none",
        "--output=same.safetensors",
        "--batch-size=3",
    ]);
    let same = read(&bench.join("same.safetensors"));
    assert_eq!((same.name(), same.shape()), ("pictures", &[7, 3, 4, 5][..]));
    assert_eq!(same.to_f32(), values);

    let said = augment(&[FLIP, "--output=flipped.npy", "--batch-size=2"]);
    assert!(said.contains("7 images of 3x4x5"), "{said}");
    assert_eq!(read(&bench.join("flipped.npy")).to_f32(), mirrored(&values));
    // A list, from a configuration.
    bench.write(
        "two.toml",
        "name = \"x\"\naugmentation = [{ name = \"flip\", p = 1 }, { name = \"flip\", p = 1 }]\n",
    );
    augment(&["--config=two.toml", "--output=twice.npy"]);
    assert_eq!(read(&bench.join("twice.npy")).to_f32(), values);
    // Spread over the set: images 0, 2 and 4 of 7.
    augment(&["--augmentation=none", "--output=some.npy", "--count=3"]);
    let expected = [0, 2, 4].map(|image: usize| &values[image * 60..(image + 1) * 60]);
    assert_eq!(read(&bench.join("some.npy")).to_f32(), expected.concat());

    augment(&[
        "--augmentation={ name = \"resize\", size = [2, 3] }",
        "--output=small.npy",
    ]);
    assert_eq!(read(&bench.join("small.npy")).shape(), [7, 3, 2, 3]);
}

#[test]
fn a_seed_decides_the_numbers() {
    let bench = Workbench::new();
    save(&bench, "in.safetensors", 5);
    let run = |seed: &str, output: &str| {
        let seed = format!("--seed={seed}");
        let output = format!("--output={output}");
        bench
            .run(&[
                "augment",
                "in.safetensors",
                "--augmentation=dsa",
                &seed,
                &output,
            ])
            .succeeded();
    };
    run("4", "a.npy");
    run("4", "b.npy");
    run("5", "c.npy");
    assert_eq!(read(&bench.join("a.npy")), read(&bench.join("b.npy")));
    assert_ne!(read(&bench.join("a.npy")), read(&bench.join("c.npy")));
}

#[test]
fn a_folder_becomes_a_folder_of_the_same_structure() {
    let bench = Workbench::new();
    // Another format, and a file that does not belong.
    picture(&bench, "syn/1/01.png")
        .save(bench.join("syn/1/01.bmp"))
        .unwrap();
    std::fs::remove_file(bench.join("syn/1/01.png")).unwrap();
    bench.write("syn/notes.txt", "x");
    let arguments = ["augment", "syn", FLIP, "--output=out", "--batch-size=4"];
    bench
        .run(&[&arguments[..], &STATISTICS].concat())
        .succeeded();
    let mut found = 0;
    for class in 0..CLASSES {
        for index in 0..2 {
            let extension = if (class, index) == (1, 1) {
                "bmp"
            } else {
                "png"
            };
            let before = picture(&bench, &format!("syn/{class}/{index:02}.{extension}"));
            let after = picture(&bench, &format!("out/{class}/{index:02}.png"));
            assert_eq!(after, image::imageops::flip_horizontal(&before));
            found += 1;
        }
    }
    assert_eq!(found, 6);
    assert_eq!(
        std::fs::read_dir(bench.join("out")).unwrap().count(),
        CLASSES
    );

    let arguments = [
        "augment",
        "syn",
        "--augmentation=none",
        "--output=large",
        "--size=16,12",
    ];
    let some = ["--dataset=cifar10", "--count=2"];
    bench.run(&[&arguments[..], &some].concat()).succeeded();
    assert_eq!(picture(&bench, "large/0/00.png").dimensions(), (12, 16));
    assert!(bench.join("large/1/01.png").exists());
    assert_eq!(std::fs::read_dir(bench.join("large")).unwrap().count(), 2);
}

/// Where image `column` of a row begins, by its enlargement.
fn place(column: u32, side: u32) -> u32 {
    2 + column * (side + 2) + column / 2 * 8
}

#[test]
fn the_grid_shows_each_image_left_of_its_copy() {
    let bench = Workbench::new();
    let arguments = ["augment", "syn", FLIP, "--output=out", "--grid=pairs.png"];
    let finished = bench
        .run(&[&arguments[..], &STATISTICS].concat())
        .succeeded();
    assert!(finished.out.contains("drew 6 of them"), "{}", finished.out);
    let grid = picture(&bench, "pairs.png");
    // Six pairs in rows of three, each of 8 pixels enlarged twelvefold.
    let side = 96;
    assert_eq!(
        grid.dimensions(),
        (place(5, side) + side + 2, 2 + 2 * (side + 2))
    );
    for (pair, name) in ["0/00", "0/01", "1/00", "1/01", "2/00", "2/01"]
        .iter()
        .enumerate()
    {
        let before = picture(&bench, &format!("syn/{name}.png"));
        let (row, column) = (pair as u32 / 3, 2 * (pair as u32 % 3));
        let shown = |column: u32, x: u32, y: u32| {
            *grid.get_pixel(place(column, side) + x * 12, 2 + row * (side + 2) + y * 12)
        };
        for (x, y, colour) in before.enumerate_pixels() {
            assert_eq!(shown(column, x, y), *colour);
            assert_eq!(shown(column + 1, 7 - x, y), *colour);
        }
    }
    assert_eq!(
        *grid.get_pixel(place(1, side) + side + 5, 40),
        Rgb([255; 3])
    );
}

#[test]
fn a_large_set_is_drawn_in_part_and_tensors_get_their_own_range() {
    let bench = Workbench::new();
    save(&bench, "in.safetensors", 200);
    let arguments = [
        "augment",
        "in.safetensors",
        "--augmentation=dsa",
        "--output=out.npy",
        "--grid=g.png",
    ];
    let finished = bench
        .run(&[&arguments[..], &["--batch-size=30"]].concat())
        .succeeded();
    assert!(finished.out.contains("drew 64 of them"), "{}", finished.out);
    let grid = picture(&bench, "g.png");
    assert!(grid.width() > grid.height());
    assert!(grid.pixels().any(|pixel| *pixel == Rgb([0; 3])));
    // Copies of another size are drawn at the larger one.
    let resize = "--augmentation={ name = \"resize\", size = [10, 10] }";
    let arguments = [
        "augment",
        "in.safetensors",
        resize,
        "--output=out.npy",
        "--grid=g.png",
        "--count=1",
    ];
    let with_statistics = [&arguments[..], &STATISTICS].concat();
    bench.run(&with_statistics).succeeded();
    assert_eq!(picture(&bench, "g.png").dimensions(), (2 + 2 * 92, 92 + 2));
}

#[test]
fn bad_requests_say_what_is_wrong_and_write_nothing() {
    let bench = Workbench::new();
    save(&bench, "in.safetensors", 4);
    let two = FileTensor::from_f32("", vec![1, 2, 4, 5], &[0.0; 40]).unwrap();
    write_safetensors(&bench.join("two.safetensors"), &[two]).unwrap();
    bench.draw_images("cut", 2);
    bench.write("cut/2/zz.png", "no picture");
    bench.draw_images("same", 1);
    picture(&bench, "same/1/00.png")
        .save(bench.join("same/1/00.bmp"))
        .unwrap();
    bench.draw_images("former", 1);
    bench.write("empty.toml", "name = \"x\"\n");
    bench.write("broken.toml", "name = \n");
    bench.write("wrong.toml", "[augmentation]\nname = \"flip\"\np = 2\n");

    let check = |arguments: &[&str], parts: &[&str]| {
        let arguments = [&["augment"][..], arguments].concat();
        bench.run(&arguments).failed(2, parts);
        for output in ["out", "out.npy", "g.png"] {
            assert!(!bench.join(output).exists(), "{output} of {arguments:?}");
        }
    };
    let tensor = |more: &[&str], parts: &[&str]| {
        check(
            &[&["in.safetensors", "--output=out.npy"][..], more].concat(),
            parts,
        );
    };
    let folder = |input: &str, more: &[&str], parts: &[&str]| {
        let usual = [input, "--output=out", "--augmentation=flip"];
        check(&[&usual[..], &STATISTICS, more].concat(), parts);
    };
    // The augmentation.
    tensor(&[], &["--augmentation"]);
    tensor(
        &["--augmentation=flip", "--config=empty.toml"],
        &["--config", "--augmentation"],
    );
    tensor(&["--augmentation=flipp"], &["flipp", "dsa"]);
    tensor(
        &["--augmentation={ name = \"flip\", speed = 2 }"],
        &["speed"],
    );
    tensor(
        &["--augmentation={ name = \"flip\", p = 2 }"],
        &["flip", "p"],
    );
    tensor(
        &["--augmentation={ name = \"random-crop\", size = 64 }"],
        &["random-crop", "64"],
    );
    tensor(&["--config=nowhere.toml"], &["nowhere.toml"]);
    tensor(
        &["--config=empty.toml"],
        &["empty.toml", "no `augmentation`"],
    );
    tensor(&["--config=broken.toml"], &["broken.toml", "TOML"]);
    tensor(
        &["--config=wrong.toml"],
        &["wrong.toml", "`augmentation`", "p"],
    );
    // The images.
    check(
        &["nowhere.pt", "--output=out.npy", "--augmentation=flip"],
        &["nowhere.pt"],
    );
    tensor(
        &["--augmentation=flip", STATISTICS[0], STATISTICS[1]],
        &["tensor file", "--grid"],
    );
    tensor(
        &["--augmentation=flip", "--size=8,8"],
        &["tensor file", "resized"],
    );
    tensor(
        &["--augmentation=flip", "--count=5"],
        &["`--count 5`", "4 images"],
    );
    tensor(&["--augmentation=flip", "--count=0"], &["--count"]);
    let two = [
        "two.safetensors",
        "--output=out.npy",
        "--augmentation=flip",
        "--grid=g.png",
    ];
    check(&two, &["1 or 3 channels", "2"]);
    tensor(
        &["--augmentation=flip", "--grid=g.png", "--mean=0", "--std=1"],
        &["statistics", "1 channels", "3"],
    );
    folder("cut", &["--batch-size=2"], &["zz.png"]);
    folder("same", &[], &["00.png", "1/00.png", "rename"]);
    check(
        &["syn", "--output=out", "--augmentation=flip"],
        &["image folder", "statistics"],
    );
    // The outputs.
    tensor(
        &["--augmentation=flip", "--grid=nowhere/g.png"],
        &["no folder nowhere"],
    );
    tensor(
        &["--augmentation=flip", "--grid=in.safetensors"],
        &["is the input"],
    );
    tensor(
        &["--augmentation=flip", "--grid=out.npy"],
        &["`--grid` and `--output`"],
    );
    let elsewhere = |input: &str, output: &str, parts: &[&str]| {
        let output = ["--output", output, "--augmentation=flip"];
        let statistics = if input == "syn" { &STATISTICS[..] } else { &[] };
        check(&[&[input][..], &output, statistics].concat(), parts);
    };
    elsewhere(
        "in.safetensors",
        "out.pt",
        &["`.pt`", ".safetensors and .npy"],
    );
    elsewhere("syn", "former", &["former", "not empty"]);
    elsewhere("syn", "in.safetensors", &["in.safetensors"]);
    elsewhere("syn", "syn/out", &["inside the input"]);
    elsewhere("syn", "nowhere/out", &["no folder nowhere"]);

    assert!(bench.join("former/0/00.png").exists());
    for entry in std::fs::read_dir(bench.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.contains("tmp"), "{name} is left");
    }
}
