//! The built-in dataset: ten kinds of figures on cluttered backgrounds, drawn by arithmetic that is the same on every platform.

mod canvas;
mod draws;
mod figure;
mod scene;

use rayon::prelude::*;

use self::canvas::SIDE;
use self::draws::Draws;
use self::figure::Kind;
use super::dataset_name::DatasetName;
use super::descriptor::Dataset;
use super::opened::Opened;
use super::real_dataset::RealDataset;
use crate::{ImageShape, LabelledImages, Normalisation, Pixels};

pub(super) static DEMO: Dataset = Dataset {
    title: "the built-in dataset",
    classes: Some(Kind::ALL.len()),
    side: Some(SIDE),
    normalisation: statistics,
    root: None,
    open: |source| {
        let drawn = demo_dataset(&DemoOptions::default());
        Opened::in_memory(drawn.class_names, drawn.train, drawn.test, source)
    },
};

/// How much of the demo dataset to draw, and from which seed.
///
/// Image number k of a split is of class k % 10 and depends on the seed, the split and k only: a smaller set is the beginning
/// of a larger one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// Number of training images.
    pub train: usize,
    /// Number of test images.
    pub test: usize,
    /// Another seed gives another dataset of the same kind.
    pub seed: u64,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            train: 2000,
            test: 1000,
            seed: 0,
        }
    }
}

/// Mean and standard deviation per channel of the default training images.
const MEAN: [f32; 3] = [0.4175, 0.4118, 0.4166];
const STD: [f32; 3] = [0.2075, 0.2056, 0.2073];

/// Draws the demo dataset: 10 classes of 32x32 colour images, the same bytes for the same options on every platform.
///
/// The class is the figure; its colours, place, size, rotation and proportions, the background and the clutter are drawn alike for
/// every class. A small network learns it well from 2,000 images and poorly from ten per class.
#[must_use]
pub fn demo_dataset(options: &DemoOptions) -> RealDataset {
    RealDataset {
        name: DatasetName::Demo,
        class_names: Kind::ALL
            .iter()
            .map(|kind| kind.name().to_owned())
            .collect(),
        train: split(options.seed, 0, options.train),
        test: split(options.seed, 1, options.test),
        normalisation: statistics(),
    }
}

#[expect(
    clippy::expect_used,
    reason = "constants: as many means as deviations, all above 0"
)]
fn statistics() -> Normalisation {
    Normalisation::new(MEAN.to_vec(), STD.to_vec()).expect("valid constants")
}

#[expect(
    clippy::expect_used,
    reason = "labels are k % 10 and every image fills its own chunk"
)]
fn split(seed: u64, split: u8, images: usize) -> LabelledImages {
    let shape = ImageShape {
        channels: 3,
        height: SIDE,
        width: SIDE,
    };
    let mut bytes = vec![0; images * shape.len()];
    bytes
        .par_chunks_mut(shape.len())
        .enumerate()
        .for_each(|(index, planes)| {
            let mut draws = Draws::new(seed, split, index as u64);
            // Each image has its own stream of draws, so threads and limits do not change it.
            scene::draw(Kind::ALL[index % Kind::ALL.len()], &mut draws, planes);
        });
    let labels = (0..images)
        .map(|index| (index % Kind::ALL.len()) as u32)
        .collect();
    LabelledImages::new(shape, Kind::ALL.len(), Pixels::Bytes(bytes), labels)
        .expect("lengths agree")
}
