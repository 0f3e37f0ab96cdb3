//! Augmentations with given draws.

use burn::tensor::Tensor;
use ddrank_augment::{
    CutMix, CutMixDraws, Dsa, DsaDraws, DsaStep, Mixup, MixupDraws, RandomCrop, RandomCropDraws,
    Resize, Size, Transform,
};

use super::case::{Case, case};
use super::recorder::Recorder;

/// As in `doctor.py`.
pub(super) const CASES: &[Case] = &[
    case("DSA scale", |recorder| {
        let [horizontal, vertical] = [units(recorder, "unit0"), units(recorder, "unit1")];
        dsa(
            recorder,
            vec![DsaStep::Scale {
                horizontal,
                vertical,
            }],
        );
    }),
    case("DSA rotate", |recorder| {
        let angle = units(recorder, "unit0");
        dsa(recorder, vec![DsaStep::Rotate { angle }]);
    }),
    case("DSA flip", |recorder| {
        let chance = units(recorder, "unit0");
        dsa(recorder, vec![DsaStep::Flip { chance }]);
    }),
    case("DSA color", |recorder| {
        let [brightness, saturation, contrast] =
            ["unit0", "unit1", "unit2"].map(|name| units(recorder, name));
        let steps = vec![
            DsaStep::Brightness { unit: brightness },
            DsaStep::Saturation { unit: saturation },
            DsaStep::Contrast { unit: contrast },
        ];
        dsa(recorder, steps);
    }),
    case("DSA crop", |recorder| {
        let (rows, columns) = (vec![1, -1, 0, 1], vec![-1, 0, 1, 1]);
        dsa(recorder, vec![DsaStep::Crop { rows, columns }]);
    }),
    case("DSA cutout", |recorder| {
        // At the corners too, where the square is cut off.
        let (rows, columns) = (vec![0, 4, 8, 2], vec![7, 3, 0, 5]);
        dsa(recorder, vec![DsaStep::Cutout { rows, columns }]);
    }),
    case("resize", |recorder| {
        // Smaller one way, larger the other: only the first needs antialiasing.
        let size = Size::Exact {
            height: 5,
            width: 14,
        };
        apply(recorder, [3, 2, 12, 9], Resize::new(size).ok(), |_| ());
    }),
    case("random crop", |recorder| {
        let size = Size::Exact {
            height: 8,
            width: 7,
        };
        let draws = RandomCropDraws {
            top: vec![0, 4, 2],
            left: vec![3, 0, 1],
        };
        let crop = RandomCrop::new(size, 2).ok();
        apply(recorder, [3, 2, 8, 7], crop, |_| draws);
    }),
    case("CutMix", |recorder| {
        let draws = CutMixDraws {
            lambda: 0.75,
            partners: vec![2, 0, 1],
            // The patch reaches the right border.
            row: 3,
            column: 8,
        };
        apply(recorder, [3, 2, 8, 10], CutMix::new(1.0).ok(), |_| draws);
    }),
    case("Mixup", |recorder| {
        let draws = MixupDraws {
            lambda: 0.3,
            partners: vec![1, 2, 0],
        };
        apply(recorder, [3, 2, 4, 4], Mixup::new(1.0).ok(), |_| draws);
    }),
];

/// Numbers of [0, 1), as DSA draws them.
fn units(recorder: &Recorder, name: &str) -> Vec<f32> {
    recorder.host(name, &[4], 0.5, 0.5)
}

fn dsa(recorder: &mut Recorder, steps: Vec<DsaStep>) {
    let images: Tensor<4> = recorder.plain("x", [4, 3, 9, 8], 1.0);
    let result = Dsa::default().apply(images, &DsaDraws { steps });
    recorder.keep("y", result);
}

fn apply<T: Transform>(
    recorder: &mut Recorder,
    shape: [usize; 4],
    transform: Option<T>,
    draws: impl FnOnce(&T) -> T::Draws,
) {
    let Some(transform) = transform else {
        panic!("the augmentation of this check is valid")
    };
    let images: Tensor<4> = recorder.plain("x", shape, 1.0);
    let draws = draws(&transform);
    recorder.keep("y", transform.apply(images, &draws));
}
