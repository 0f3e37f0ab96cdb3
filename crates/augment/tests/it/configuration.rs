//! How configurations name augmentations.

use burn::tensor::{Device, Tensor};
use ddrank_augment::{
    Augmentation, CutMix, Dsa, Flip, GaussianNoise, Mixup, RandomCrop, ResizeCrop, Sequence, Size,
    Transform,
};
use ddrank_keys::{Choice, Ingredient, Value};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn toml(text: &str) -> Result<Augmentation, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
    let value = table["augmentation"].clone();
    value
        .try_into()
        .map_err(|error: toml::de::Error| error.message().to_owned())
}

fn both() -> Augmentation {
    let crop = ResizeCrop::new(Size::Side(32), [0.08, 1.0], ResizeCrop::RATIO).unwrap();
    let flip = Flip::new(0.5).unwrap();
    let list = vec![Augmentation::ResizeCrop(crop), Augmentation::Flip(flip)];
    Augmentation::Sequence(Sequence::new(list).unwrap())
}

#[test]
fn one_table_is_one_augmentation() {
    let read = |text: &str| toml(&format!("[augmentation]\n{text}")).unwrap();
    let cutmix = Augmentation::CutMix(CutMix::new(0.5).unwrap());
    assert_eq!(read("name = \"cutmix\"\nbeta = 0.5"), cutmix);
    let mixup = Augmentation::Mixup(Mixup::new(0.8).unwrap());
    assert_eq!(read("name = \"mixup\"\nalpha = 0.8"), mixup);
    assert_eq!(read("name = \"mixup\"\nlambda = 0.8"), mixup);
    let size = Size::Exact {
        height: 24,
        width: 32,
    };
    let crop = Augmentation::RandomCrop(RandomCrop::new(size, 4).unwrap());
    assert_eq!(
        read("name = \"random-crop\"\nsize = [24, 32]\npadding = 4"),
        crop
    );
    let noise = Augmentation::GaussianNoise(GaussianNoise::new(0.0, 0.1, true).unwrap());
    assert_eq!(read("name = \"gaussian-noise\"\nclip = true"), noise);
    assert_eq!(read("name = \"none\""), Augmentation::None);
}

#[test]
fn lists_are_written_in_two_ways() {
    let listed =
        "[[augmentation]]\nname = \"resize-crop\"\nsize = 32\n[[augmentation]]\nname = \"flip\"\n";
    assert_eq!(toml(listed).unwrap(), both());
    let inside = "[augmentation]\ntransforms = [{ name = \"resize-crop\", size = 32, scale = [0.08, 1.0] }, { name = \"flip\", p = 0.5 }]";
    assert_eq!(toml(inside).unwrap(), both());
}

#[test]
fn a_name_alone_is_a_table_with_nothing_else() {
    let dsa = Augmentation::Dsa(Dsa::default());
    assert_eq!(toml("augmentation = \"dsa\""), Ok(dsa.clone()));
    let list = vec![dsa, Augmentation::None];
    let list = Augmentation::Sequence(Sequence::new(list).unwrap());
    assert_eq!(
        toml("augmentation = [\"dsa\", { name = \"none\" }]"),
        Ok(list)
    );
}

/// The defaults of the documentation are those that reading gives.
#[test]
fn the_documented_defaults_are_read() {
    for choice in Augmentation::choices() {
        let docs = choice.docs();
        let mut bare = format!("name = \"{}\"\n", choice.name);
        for needed in docs.iter().filter(|doc| doc.default == "needed") {
            let value = match needed.name {
                "mean" | "std" => "[1.0]",
                "transforms" => "[\"none\"]",
                _ => "8",
            };
            bare.push_str(&format!("{} = {value}\n", needed.name));
        }
        let mut whole = bare.clone();
        for doc in &docs {
            // What is no TOML is the other name of a key: its default is that key's.
            let default = doc.default.trim_matches('`');
            if toml::from_str::<toml::Table>(&format!("key = {default}")).is_ok() {
                whole.push_str(&format!("{} = {default}\n", doc.name));
            }
        }
        let read = |text: &str| toml(&format!("[augmentation]\n{text}"));
        assert_eq!(read(&bare), read(&whole), "{whole}");
        assert!(read(&bare).is_ok(), "{bare}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    for text in [
        r#"{"name":"none"}"#,
        r#"{"name":"dsa","mode":"S","siamese":false,"flip":0.5,"rotate":15.0,"scale":1.2,"crop":0.125,"cutout":0.5,"brightness":1.0,"saturation":2.0,"contrast":0.5}"#,
        r#"{"name":"cutmix","beta":0.5}"#,
        r#"{"name":"mixup","alpha":0.8}"#,
        r#"{"name":"resize-crop","size":32,"scale":[0.08,1.0],"ratio":[0.75,1.5]}"#,
        r#"{"name":"resize","size":[20,45]}"#,
        r#"{"name":"center-crop","size":32}"#,
        r#"{"name":"random-crop","size":32,"padding":4}"#,
        r#"{"name":"random-crop","size":32,"padding":4,"fill":[-2.5]}"#,
        r#"{"name":"random-crop","size":32,"padding":4,"fill":[1.0,0.0,-2.5]}"#,
        r#"{"name":"flip","p":0.5}"#,
        r#"{"name":"normalize","mean":[0.5],"std":[0.25]}"#,
        r#"{"name":"gaussian-noise","mean":0.0,"sigma":0.1,"clip":false}"#,
        r#"{"name":"patch-shuffle","factor":2}"#,
        r#"{"name":"sequence","transforms":[{"name":"patch-shuffle","factor":2},{"name":"none"}]}"#,
    ] {
        let read: Augmentation = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert!(!read.to_string().is_empty());
        let written = format!("augmentation = {}", read.write());
        assert_eq!(toml(&written), Ok(read));
    }
}

#[test]
fn every_name_is_in_its_own_error_or_reads() {
    for Choice { name, .. } in Augmentation::choices() {
        let read = serde_json::from_str::<Augmentation>(&format!("{{\"name\":\"{name}\"}}"));
        if let Err(error) = read {
            let text = error.to_string();
            assert!(text.contains(&format!("`{name}`: missing key")), "{error}");
        }
    }
}

#[test]
fn mistakes_are_named() {
    for (text, parts) in [
        (
            "name = \"cutmix\"\nbeta = 0",
            &["`beta`: 0 is not allowed", "0.001 to 1000"][..],
        ),
        (
            "name = \"cutmix\"\nbeta = \"x\"",
            &["`beta`: \"x\" is not allowed", "a number"],
        ),
        ("name = \"cutmix\"\nbeta = nan", &["`beta`"]),
        (
            "name = \"cutmix\"\nalpha = 1.0",
            &["unknown field `alpha`", "`beta`"],
        ),
        ("name = \"cutmax\"", &["cutmax", "cutmix", "patch-shuffle"]),
        (
            "name = \"mixup\"\nalpha = 1.0\nlambda = 1.0",
            &["`lambda`", "other name"],
        ),
        (
            "name = \"mixup\"\nlambda = -1",
            &["`lambda`: -1 is not allowed", "0.001 to 1000"],
        ),
        (
            "name = \"resize-crop\"",
            &["resize-crop", "missing key `size`", "1 to 8192"],
        ),
        (
            "name = \"resize-crop\"\nsize = 0",
            &["`size`: 0 is not allowed"],
        ),
        (
            "name = \"random-crop\"\nsize = 32\nfill = \"black\"",
            &["`fill`: \"black\" is not allowed", "a number, or a list"],
        ),
        (
            "name = \"resize-crop\"\nsize = [1, 2, 3]",
            &["`size`: [1, 2, 3] is not allowed"],
        ),
        (
            "name = \"resize-crop\"\nsize = 8\nscale = [0.0, 1.0]",
            &["`scale`: [0.0, 1.0] is not allowed"],
        ),
        (
            "name = \"resize-crop\"\nsize = 8\nscale = [0.5, 0.4]",
            &["`scale`: [0.5, 0.4] is not allowed"],
        ),
        (
            "name = \"resize-crop\"\nsize = 8\nscale = 0.5",
            &["`scale`: 0.5 is not allowed", "two numbers"],
        ),
        (
            "name = \"resize-crop\"\nsize = 8\nratio = [2, 1]",
            &["`ratio`: [2, 1] is not allowed"],
        ),
        (
            "name = \"resize\"\nsize = -1",
            &["`size`: -1 is not allowed"],
        ),
        (
            "name = \"resize\"\nsize = [8, 100000]",
            &["`size`: [8, 100000] is not allowed", "8192"],
        ),
        (
            "name = \"center-crop\"\nsize = 2.5",
            &["`size`: 2.5 is not allowed"],
        ),
        (
            "name = \"random-crop\"\nsize = 8\npadding = -1",
            &["`padding`: -1 is not allowed"],
        ),
        (
            "name = \"random-crop\"\nsize = 8\npadding = 5000",
            &["`padding`: 5000 is not allowed", "4096"],
        ),
        (
            "name = \"flip\"\np = 1.5",
            &["`p`: 1.5 is not allowed", "0 to 1"],
        ),
        ("name = \"normalize\"\nmean = [0.5]", &["`std`"]),
        (
            "name = \"normalize\"\nmean = [0.5]\nstd = [0.0]",
            &["`std`: [0.0] is not allowed", "positive"],
        ),
        (
            "name = \"normalize\"\nmean = [0.5]\nstd = [1.0, 1.0]",
            &["`std`", "as long as `mean`"],
        ),
        (
            "name = \"gaussian-noise\"\nsigma = -0.1",
            &["`sigma`: -0.1 is not allowed"],
        ),
        (
            "name = \"gaussian-noise\"\nclip = 1",
            &["`clip`: 1 is not allowed", "`true` or `false`"],
        ),
        (
            "name = \"patch-shuffle\"\nfactor = 0",
            &["`factor`: 0 is not allowed", "at least 1"],
        ),
        (
            "name = \"patch-shuffle\"",
            &["`patch-shuffle`: missing key `factor`"],
        ),
        ("name = \"none\"\np = 1", &["unknown field `p`", "`name`"]),
        ("beta = 1.0", &["describes no augmentation", "`name`"]),
        ("name = 3", &["`name`: `3` is not an augmentation"]),
        (
            "name = [3]",
            &["`name`: [3] is not allowed; expected a text"],
        ),
        ("transforms = []", &["`transforms`", "at least one"]),
        ("transforms = 3", &["`transforms`: 3 is not allowed"]),
        (
            "transforms = [{ name = \"flip\" }]\np = 0.5",
            &["unknown field `p`", "`transforms`"],
        ),
        (
            "transforms = [{ name = \"flip\" }, { name = \"flip\", q = 1 }]",
            &["`transforms.1.q`", "`p`"],
        ),
        (
            "transforms = [\"flop\"]",
            &["`transforms.0.name`", "`flop`", "\"flip\""],
        ),
        (
            "transforms = [3]",
            &["`transforms.0`", "3 describes no augmentation"],
        ),
    ] {
        let error = toml(&format!("[augmentation]\n{text}")).unwrap_err();
        for part in parts {
            assert!(error.contains(part), "{text}: {part} is not in {error}");
        }
    }
}

#[test]
fn a_sequence_applies_its_list_in_order() {
    let read = |text: &str| serde_json::from_str::<Augmentation>(text).unwrap();
    let crop = r#"{"name":"center-crop","size":2}"#;
    let resize = r#"{"name":"resize","size":4}"#;
    let first = read(&format!("[{crop},{resize}]"));
    let second = read(&format!("[{resize},{crop}]"));
    assert_eq!(first.output_shape([3, 8, 8]).unwrap(), [3, 4, 4]);
    assert_eq!(second.output_shape([3, 8, 8]).unwrap(), [3, 2, 2]);
    let images = Tensor::<4>::zeros([5, 3, 8, 8], &Device::flex());
    let mut generator = ChaCha8Rng::seed_from_u64(0);
    assert_eq!(
        first.augment(images.clone(), &mut generator).dims(),
        [5, 3, 4, 4]
    );
    assert_eq!(second.augment(images, &mut generator).dims(), [5, 3, 2, 2]);
    let misfit = read(&format!(
        "[{crop},{}]",
        r#"{"name":"random-crop","size":3}"#
    ));
    let error = misfit.output_shape([3, 8, 8]).unwrap_err().to_string();
    assert!(
        error.contains("transform 2") && error.contains("3 x 2 x 2"),
        "{error}"
    );
}

/// Draws can be made first and used later, on another device.
#[test]
fn draws_and_their_use_are_separate() {
    let list = r#"[{"name":"random-crop","size":6,"padding":1},{"name":"flip"},{"name":"patch-shuffle","factor":2},
        {"name":"cutmix"},{"name":"mixup"},{"name":"dsa","mode":"M"},{"name":"resize-crop","size":5},
        {"name":"gaussian-noise"}]"#;
    let augmentation: Augmentation = serde_json::from_str(list).unwrap();
    let values: Vec<f32> = (0..4 * 3 * 64).map(|value| (value % 17) as f32).collect();
    let images = |device: &Device| {
        Tensor::<4>::from_data(
            burn::tensor::TensorData::new(values.clone(), [4, 3, 8, 8]),
            device,
        )
    };
    let draws = augmentation.draw([4, 3, 8, 8], &mut ChaCha8Rng::seed_from_u64(9));
    let plain = augmentation.apply(images(&Device::flex()), &draws);
    let differentiable =
        augmentation.apply(images(&Device::flex().autodiff()).require_grad(), &draws);
    let at_once = augmentation.augment(images(&Device::flex()), &mut ChaCha8Rng::seed_from_u64(9));
    plain
        .clone()
        .into_data()
        .assert_eq(&at_once.into_data(), true);
    let tolerance = burn::tensor::Tolerance::<f32>::absolute(1e-4);
    plain
        .into_data()
        .assert_approx_eq(&differentiable.inner().into_data(), tolerance);
}
