//! Whether images look prepared as the real ones are.

use ddrank_data::{
    DatasetName, DatasetSource, ImageShape, LabelledImages, Normalisation, Pixels, Whitening,
    ZcaVariant, load_dataset,
};
use ddrank_runner::input::{Looks, OtherPreparation, PixelStatistics, PreparedReal};

const SIDE: usize = 12;
const SHAPE: ImageShape = ImageShape {
    channels: 3,
    height: SIDE,
    width: SIDE,
};

#[test]
fn statistics_are_those_of_numpy() {
    let values: Vec<f32> = (0..288)
        .map(|i| ((i * 37 % 101) as f64 / 10.0 - 5.0) as f32)
        .collect();
    let shape = ImageShape {
        channels: 2,
        height: 8,
        width: 9,
    };
    let found = PixelStatistics::of(&values, shape).unwrap();
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} is not {b}");
    close(found.means[0], -0.027_777_77);
    close(found.means[1], -0.015_277_78);
    close(found.deviations[0], 2.932_562_50);
    close(found.deviations[1], 2.911_860_79);
    let [first, second] = found.neighbours.unwrap();
    close(first, -0.323_966_699_684);
    close(second, -0.309_552_638_227);
    close(found.edge, 0.8125);
    assert_eq!((found.min, found.max), (-5.0, 5.0));
    assert_eq!(PixelStatistics::of(&[], shape), None);
    let flat = PixelStatistics::of(&[1.0; 288], shape).unwrap();
    assert_eq!((flat.neighbours, flat.deviations), (None, vec![0.0; 2]));
}

/// The middle of the demo's training images, as bytes.
fn pictures() -> LabelledImages {
    let dataset = load_dataset(&DatasetSource {
        train_limit: Some(600),
        ..DatasetSource::new(DatasetName::Demo)
    })
    .unwrap();
    let bytes = dataset.train.bytes().unwrap();
    let pixels = bytes
        .chunks_exact(32)
        .enumerate()
        .filter(|(row, _)| (10..10 + SIDE).contains(&(row % 32)))
        .flat_map(|(_, row)| row[10..10 + SIDE].to_vec())
        .collect();
    let labels = dataset.train.labels().to_vec();
    LabelledImages::new(SHAPE, 10, Pixels::Bytes(pixels), labels).unwrap()
}

fn floats(images: &LabelledImages) -> Vec<f32> {
    match images.pixels() {
        Pixels::Bytes(bytes) => bytes.iter().map(|&byte| f32::from(byte)).collect(),
        Pixels::Floats(floats) => floats.clone(),
    }
}

fn statistics(values: &[f32]) -> PixelStatistics {
    PixelStatistics::of(values, SHAPE).unwrap()
}

struct Prepared {
    normalised: Vec<f32>,
    kornia: Vec<f32>,
    relative: Vec<f32>,
    bytes: Vec<f32>,
}

impl Prepared {
    fn new() -> Self {
        let pictures = pictures();
        let whiten = |variant| {
            let whitening = Whitening::fit(&pictures, variant).unwrap();
            floats(&whitening.apply(&pictures).unwrap())
        };
        Self {
            normalised: floats(&pictures.normalised(&Normalisation::cifar10()).unwrap()),
            kornia: whiten(ZcaVariant::Kornia { eps: 0.1 }),
            relative: whiten(ZcaVariant::Relative { strength: 0.1 }),
            bytes: floats(&pictures),
        }
    }

    fn real(&self, prepared: &[f32], is_whitened: bool) -> PreparedReal {
        PreparedReal {
            prepared: statistics(prepared),
            bytes: statistics(&self.bytes),
            is_whitened,
        }
    }
}

fn looks(values: &[f32], real: &PreparedReal) -> Option<Looks> {
    OtherPreparation::find(&statistics(values), real).map(|found| found.looks)
}

/// Standard normal numbers, near enough: the sum of twelve uniform ones.
fn noise(count: usize) -> Vec<f32> {
    let mut state = 1_u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1_u64 << 24) as f32
    };
    (0..count)
        .map(|_| (0..12).map(|_| uniform()).sum::<f32>() - 6.0)
        .collect()
}

/// 100 of the images: `contrast` times what they are, plus noise.
fn distilled(values: &[f32], contrast: f32, noisy: f32) -> Vec<f32> {
    let values = &values[..100 * SHAPE.len()];
    let noise = noise(values.len());
    let mix = |(v, n): (&f32, f32)| contrast * v + noisy * n;
    values.iter().zip(noise).map(mix).collect()
}

#[test]
fn sets_of_the_same_preparation_are_left_alone() {
    let prepared = Prepared::new();
    let normalised = prepared.real(&prepared.normalised, false);
    for (contrast, noisy) in [
        (1.0, 0.0),
        (2.5, 0.0),
        (0.4, 0.0),
        (1.0, 0.5),
        (1.0, 1.0),
        (0.5, 1.0),
        (0.2, 1.0),
        (0.0, 1.0),
    ] {
        let set = distilled(&prepared.normalised, contrast, noisy);
        assert_eq!(
            looks(&set, &normalised),
            None,
            "{contrast} and {noisy} noise"
        );
    }
    for whitened in [&prepared.kornia, &prepared.relative] {
        let real = prepared.real(whitened, true);
        let spread = statistics(whitened).deviations[0] as f32;
        for (contrast, noisy) in [(1.0, 0.0), (1.7, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 1.5)] {
            let set = distilled(whitened, contrast, noisy * spread);
            assert_eq!(
                looks(&set, &real),
                None,
                "{contrast} and {noisy} noise, whitened"
            );
        }
    }
}

#[test]
fn sets_of_another_preparation_are_named() {
    let prepared = Prepared::new();
    let normalised = prepared.real(&prepared.normalised, false);
    let kornia = prepared.real(&prepared.kornia, true);
    let scaled = |factor: f32, offset: f32| -> Vec<f32> {
        prepared.bytes[..100 * SHAPE.len()]
            .iter()
            .map(|b| b * factor + offset)
            .collect()
    };
    let twice: Vec<f32> = distilled(&prepared.normalised, 1.0, 0.0)
        .iter()
        .map(|v| (v - 0.48) / 0.2)
        .collect();
    let cases = [
        (scaled(1.0, 0.0), &normalised, Looks::Bytes),
        (scaled(1.0 / 255.0, 0.0), &normalised, Looks::UnitRange),
        (
            scaled(2.0 / 255.0, -1.0),
            &normalised,
            Looks::SymmetricRange,
        ),
        (twice, &normalised, Looks::OtherStatistics),
        (
            distilled(&prepared.relative, 1.7, 0.0),
            &normalised,
            Looks::Whitened,
        ),
        (
            distilled(&prepared.relative, 1.0, 0.2),
            &normalised,
            Looks::Whitened,
        ),
        (
            distilled(&prepared.normalised, 1.0, 0.0),
            &kornia,
            Looks::NotWhitened,
        ),
        (
            distilled(&prepared.normalised, 1.0, 0.4),
            &kornia,
            Looks::NotWhitened,
        ),
        (scaled(1.0 / 255.0, 0.0), &kornia, Looks::UnitRange),
    ];
    for (set, real, expected) in cases {
        let found = looks(&set, real);
        assert_eq!(
            found,
            Some(expected),
            "{:?} {:?}",
            statistics(&set),
            real.prepared
        );
    }
    // Where the real images are prepared so, the same pixels are right.
    for (factor, offset) in [(1.0 / 255.0, 0.0), (2.0 / 255.0, -1.0)] {
        let real: Vec<f32> = prepared.bytes.iter().map(|b| b * factor + offset).collect();
        assert_eq!(
            looks(&scaled(factor, offset), &prepared.real(&real, false)),
            None
        );
    }
    let found = OtherPreparation::find(&statistics(&scaled(1.0, 0.0)), &normalised).unwrap();
    let said = found.to_string();
    for part in [
        "raw pixels of 0 to 255",
        "values from 0.00 to",
        "the real images as prepared have mean",
    ] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
}
