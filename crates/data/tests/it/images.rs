//! Labelled images, fingerprints, random selection, the demo dataset.

use ddrank_data::{
    DatasetName, DatasetSource, DemoOptions, Fingerprint, ImageShape, ImagesError, LabelledImages,
    Normalisation, Pixels, SelectionError, demo_dataset, load_dataset, random_selection,
};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const TINY: ImageShape = ImageShape {
    channels: 2,
    height: 1,
    width: 2,
};

fn tiny() -> LabelledImages {
    let bytes = vec![0, 255, 128, 1, 10, 20, 30, 40, 50, 60, 70, 80];
    LabelledImages::new(TINY, 3, Pixels::Bytes(bytes), vec![2, 0, 2]).unwrap()
}

fn generator(seed: u8) -> ChaCha8Rng {
    ChaCha8Rng::from_seed([seed; 32])
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let new = |shape, classes, bytes: usize, labels| {
        LabelledImages::new(shape, classes, Pixels::Bytes(vec![0; bytes]), labels).unwrap_err()
    };
    assert_eq!(
        new(TINY, 3, 11, vec![0, 1, 2]).to_string(),
        "11 pixel values for 3 labels: expected 3 images of 2x1x2"
    );
    assert_eq!(
        new(TINY, 3, 12, vec![0, 3, 2]).to_string(),
        "image 1 has label 3: expected 0 to 2"
    );
    assert_eq!(new(TINY, 0, 0, vec![]), ImagesError::Classes(0));
    let empty = ImageShape {
        channels: 3,
        height: 0,
        width: 4,
    };
    assert_eq!(new(empty, 3, 0, vec![]), ImagesError::Shape(empty));
    let huge = ImageShape {
        channels: usize::MAX,
        height: 2,
        width: 4,
    };
    assert_eq!(new(huge, 3, 0, vec![]), ImagesError::Shape(huge));
}

#[test]
fn select_first_and_counts() {
    let images = tiny();
    assert_eq!(images.class_counts(), [1, 0, 2]);
    let picked = images.select(&[2, 0, 2]);
    assert_eq!(picked.labels(), [2, 2, 2]);
    assert_eq!(
        picked.bytes().unwrap(),
        [50, 60, 70, 80, 0, 255, 128, 1, 50, 60, 70, 80]
    );
    assert_eq!(images.clone().first(1), images.select(&[0]));
    assert_eq!(images.clone().first(9), images);
    assert!(images.clone().first(0).is_empty());
}

#[test]
fn normalising_is_exact_per_channel() {
    let normalisation = Normalisation::new(vec![0.5, 0.25], vec![0.5, 0.125]).unwrap();
    let floats = tiny().normalised(&normalisation).unwrap();
    let Pixels::Floats(values) = floats.pixels() else {
        panic!("expected floats")
    };
    // Channel 0 holds 0 and 255, channel 1 holds 128 and 1.
    assert_eq!(
        values[..4],
        [
            -1.0,
            1.0,
            (128.0 / 255.0 - 0.25) / 0.125,
            (1.0 / 255.0 - 0.25) / 0.125
        ]
    );
    assert_eq!(floats.labels(), tiny().labels());
    assert_eq!(
        floats.normalised(&normalisation),
        Err(ImagesError::NotBytes)
    );
    let wrong = tiny().normalised(&Normalisation::cifar10()).unwrap_err();
    assert_eq!(
        wrong,
        ImagesError::Channels {
            found: 3,
            shape: TINY
        }
    );
}

#[test]
fn impossible_statistics_are_refused_also_from_files() {
    for (mean, std) in [
        (vec![0.5], vec![]),
        (vec![], vec![]),
        (vec![0.5], vec![0.0]),
        (vec![0.5], vec![-1.0]),
        (vec![0.5], vec![f32::NAN]),
        (vec![f32::INFINITY], vec![1.0]),
    ] {
        assert!(Normalisation::new(mean, std).is_err());
    }
    let good: Normalisation = serde_json::from_str(r#"{"mean": [0.5], "std": [0.25]}"#).unwrap();
    assert_eq!(good, Normalisation::new(vec![0.5], vec![0.25]).unwrap());
    let bad =
        serde_json::from_str::<Normalisation>(r#"{"mean": [0.5], "std": [0.0]}"#).unwrap_err();
    assert!(
        bad.to_string()
            .contains("std of channel 0 is 0: expected a finite number above 0"),
        "{bad}"
    );
}

#[test]
fn every_part_changes_the_fingerprint() {
    let shape = |channels, height, width| ImageShape {
        channels,
        height,
        width,
    };
    let one = |shape, classes, pixels, labels| {
        LabelledImages::new(shape, classes, pixels, labels)
            .unwrap()
            .fingerprint()
    };
    let bytes = |last| Pixels::Bytes(vec![1, 2, 3, last]);
    let floats = |last| Pixels::Floats(vec![1.0, 2.0, 3.0, last]);
    let base = one(shape(1, 2, 2), 2, bytes(4), vec![0]);
    let others = [
        one(shape(2, 1, 2), 2, bytes(4), vec![0]),
        one(shape(2, 2, 1), 2, bytes(4), vec![0]),
        one(shape(1, 1, 2), 2, bytes(4), vec![0, 0]),
        one(shape(1, 2, 2), 3, bytes(4), vec![0]),
        one(shape(1, 2, 2), 2, bytes(5), vec![0]),
        one(shape(1, 2, 2), 2, bytes(4), vec![1]),
        one(shape(1, 2, 2), 2, floats(4.0), vec![0]),
        one(shape(1, 2, 2), 2, floats(0.0), vec![0]),
        one(shape(1, 2, 2), 2, floats(-0.0), vec![0]),
    ];
    let mut all = others.to_vec();
    all.push(base);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 10);
    assert_eq!(base, one(shape(1, 2, 2), 2, bytes(4), vec![0]));
}

#[test]
fn fingerprints_are_written_as_hexadecimal() {
    let print = tiny().fingerprint();
    let text = serde_json::to_string(&print).unwrap();
    assert_eq!(text, format!("\"{print}\""));
    assert_eq!(text.len(), 66);
    assert_eq!(serde_json::from_str::<Fingerprint>(&text).unwrap(), print);
    assert!(
        "12".parse::<Fingerprint>()
            .unwrap_err()
            .to_string()
            .contains("64 hexadecimal digits")
    );
    assert!("zz".repeat(32).parse::<Fingerprint>().is_err());
}

#[test]
fn selection_refuses_what_it_cannot_do() {
    let mut rng = generator(0);
    assert_eq!(
        random_selection(&[0, 1], 2, 0, &mut rng),
        Err(SelectionError::NoImages)
    );
    let few = random_selection(&[0, 1, 0], 2, 2, &mut rng).unwrap_err();
    assert_eq!(
        few.to_string(),
        "class 1 has 1 images: 2 per class asked for"
    );
    let wrong = random_selection(&[0, 7], 2, 1, &mut rng).unwrap_err();
    assert_eq!(wrong.to_string(), "image 1 has label 7: expected 0 to 1");
}

#[test]
fn the_selection_stream_never_changes() {
    let labels: Vec<u32> = (0..60).map(|k| k % 3).collect();
    let chosen = random_selection(&labels, 3, 4, &mut generator(7)).unwrap();
    assert_eq!(chosen, GOLDEN_SELECTION);
}

/// Worked out by a separate program (Python) from the definitions: ChaCha8 with the key 07..07, two words little-endian to an integer,
/// the bounded integers and the shuffle as documented.
const GOLDEN_SELECTION: [usize; 12] = [12, 48, 21, 27, 43, 10, 40, 37, 35, 56, 20, 41];

#[test]
fn selection_is_uniform() {
    // 3 of 8 images of class 0, in each of the places: every (place, image) pair is expected rounds / 8 times.
    const ROUNDS: u32 = 8000;
    let labels = [0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0];
    let mut counts = [[0_u32; 11]; 3];
    let mut rng = generator(3);
    for _ in 0..ROUNDS {
        let chosen = random_selection(&labels, 2, 3, &mut rng).unwrap();
        for place in 0..3 {
            counts[place][chosen[place]] += 1;
        }
    }
    for places in counts {
        let expected = f64::from(ROUNDS) / 8.0;
        let square: f64 = (places.iter().zip(labels).filter(|(_, label)| *label == 0))
            .map(|(&count, _)| (f64::from(count) - expected).powi(2) / expected)
            .sum();
        // 7 degrees of freedom: above 24.3 with probability 0.001.
        assert!(square < 24.3, "{places:?}: {square}");
    }
}

proptest! {
    #[test]
    fn selections_are_distinct_and_class_major(
        labels in proptest::collection::vec(0_u32..4, 40..120),
        ipc in 1_usize..6,
        seed in any::<u8>(),
    ) {
        let smallest = (0..4).map(|class| labels.iter().filter(|&&label| label == class).count()).min().unwrap();
        match random_selection(&labels, 4, ipc, &mut generator(seed)) {
            Ok(chosen) => {
                prop_assert!(smallest >= ipc);
                let classes: Vec<u32> = chosen.iter().map(|&index| labels[index]).collect();
                let expected: Vec<u32> = (0..4).flat_map(|class| std::iter::repeat_n(class, ipc)).collect();
                prop_assert_eq!(classes, expected);
                let mut sorted = chosen.clone();
                sorted.sort_unstable();
                sorted.dedup();
                prop_assert_eq!(sorted.len(), chosen.len());
                prop_assert_eq!(chosen, random_selection(&labels, 4, ipc, &mut generator(seed)).unwrap());
            }
            Err(SelectionError::TooFew { has, needs, .. }) => {
                prop_assert!(has < needs && smallest < ipc);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

#[test]
fn the_demo_dataset_is_the_same_everywhere() {
    let dataset = load_dataset(&DatasetSource::new(DatasetName::Demo)).unwrap();
    assert_eq!(
        (
            dataset.train.len(),
            dataset.test.len(),
            dataset.class_names.len()
        ),
        (2000, 1000, 10)
    );
    assert_eq!(dataset.train.fingerprint().to_string(), DEMO_TRAIN);
    assert_eq!(dataset.test.fingerprint().to_string(), DEMO_TEST);
}

/// A change of these is a change of the dataset: scores before and after cannot be compared.
const DEMO_TRAIN: &str = "290a1205f837e6a99edd4f57ab6bf1ee32913ca57554fd0dfe8b69dd7767dbe3";
const DEMO_TEST: &str = "a31c8d8b0ceb38e50bbc8fb84939d905bfc3491f313886a63dfd57fa7103499e";

#[test]
fn demo_statistics_are_those_of_its_training_images() {
    let dataset = demo_dataset(&DemoOptions::default());
    let bytes = dataset.train.bytes().unwrap();
    for channel in 0..3 {
        let values = || {
            bytes
                .chunks(1024)
                .skip(channel)
                .step_by(3)
                .flatten()
                .map(|&byte| f64::from(byte) / 255.0)
        };
        let count = values().count() as f64;
        let mean = values().sum::<f64>() / count;
        let std = (values().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        assert!(
            (mean - f64::from(dataset.normalisation.mean()[channel])).abs() < 1e-4,
            "mean {channel}: {mean}"
        );
        assert!(
            (std - f64::from(dataset.normalisation.std()[channel])).abs() < 1e-4,
            "std {channel}: {std}"
        );
    }
}

#[test]
fn a_smaller_demo_dataset_is_the_beginning_of_a_larger_one() {
    let draw = |train, test, seed| demo_dataset(&DemoOptions { train, test, seed });
    let (small, large) = (draw(20, 10, 5), draw(30, 20, 5));
    assert_eq!(large.train.clone().first(20), small.train);
    assert_eq!(large.test.clone().first(10), small.test);
    assert_ne!(
        large.test,
        large.train.clone().first(20),
        "the splits are different images"
    );
    assert_ne!(draw(20, 10, 6).train, small.train);
    assert_eq!(large.train.class_counts(), [3; 10]);
}

#[test]
fn limits_and_own_statistics() {
    let own = Normalisation::new(vec![0.1; 3], vec![0.2; 3]).unwrap();
    let mut source = DatasetSource::new(DatasetName::Demo);
    source.train_limit = Some(15);
    source.test_limit = Some(5000);
    source.normalisation = Some(own.clone());
    let dataset = load_dataset(&source).unwrap();
    assert_eq!((dataset.train.len(), dataset.test.len()), (15, 1000));
    assert_eq!(dataset.normalisation, own);
    // Of a grey dataset there is one number for all channels.
    source.normalisation = Some(Normalisation::new(vec![0.1], vec![0.2]).unwrap());
    assert_eq!(load_dataset(&source).unwrap().normalisation, own);
    source.normalisation = Some(Normalisation::new(vec![0.1; 2], vec![0.2; 2]).unwrap());
    assert_eq!(
        load_dataset(&source).unwrap_err().to_string(),
        "normalisation of 2 channels for images of 3x32x32: expected 3"
    );
}

#[test]
fn settings_without_meaning_are_refused() {
    let refused = |change: fn(&mut DatasetSource)| {
        let mut source = DatasetSource::new(DatasetName::Demo);
        change(&mut source);
        load_dataset(&source).unwrap_err().to_string()
    };
    assert!(
        refused(|s| s.root = Some("x".into()))
            .contains("`root` is given: this dataset is generated")
    );
    assert!(refused(|s| s.size = Some((8, 0))).contains(
        "`size` is impossible: `resize` has the size 8 x 0: expected 1 to 8192 pixels a side"
    ));
    assert!(
        refused(|s| s.train_limit = Some(0)).contains("`train_limit` is 0: expected at least 1")
    );
    assert!(refused(|s| s.test_limit = Some(0)).contains("`test_limit` is 0"));
    assert!(refused(|s| s.name = DatasetName::Cifar10).contains("cifar10: `root` is missing"));
}

#[test]
fn dataset_names() {
    for name in DatasetName::ALL {
        assert_eq!(name.to_string().parse::<DatasetName>().unwrap(), name);
        assert_eq!(
            serde_json::from_str::<DatasetName>(&format!("\"{name}\"")).unwrap(),
            name
        );
    }
    let unknown = serde_json::from_str::<DatasetName>("\"mnist\"")
        .unwrap_err()
        .to_string();
    assert!(
        unknown
            .contains("unknown dataset `mnist`: expected one of demo, cifar10, cifar100, tiny-imagenet, imagenet1k,"),
        "{unknown}"
    );
}
