//! The ten classes of the six ImageNet subsets of the dataset-distillation literature.

use super::class_folders::{FolderKind, open};
use super::class_rule::{Class, ClassRule, Subset};
use super::descriptor::Dataset;
use super::imagenet::HELD_OUT;
use super::opened::Opened;
use super::source::DatasetSource;
use crate::{DataError, Normalisation};

pub(super) static IMAGENETTE: Dataset =
    dataset("ImageNette", |source| list(&IMAGENETTE_CLASSES, source));
pub(super) static IMAGEWOOF: Dataset =
    dataset("ImageWoof", |source| list(&IMAGEWOOF_CLASSES, source));
pub(super) static IMAGEMEOW: Dataset =
    dataset("ImageMeow", |source| list(&IMAGEMEOW_CLASSES, source));
pub(super) static IMAGESQUAWK: Dataset =
    dataset("ImageSquawk", |source| list(&IMAGESQUAWK_CLASSES, source));
pub(super) static IMAGEFRUIT: Dataset =
    dataset("ImageFruit", |source| list(&IMAGEFRUIT_CLASSES, source));
pub(super) static IMAGEYELLOW: Dataset =
    dataset("ImageYellow", |source| list(&IMAGEYELLOW_CLASSES, source));

const fn dataset(
    title: &'static str,
    open: fn(&DatasetSource) -> Result<Opened, DataError>,
) -> Dataset {
    Dataset {
        title,
        classes: Some(10),
        side: Some(128),
        normalisation: Normalisation::imagenet,
        root: Some(
            "ImageNet as above, or any folder with the ten classes named by WordNet ids; other class folders are passed over. The labels follow the literature's lists, not the sorted names",
        ),
        open,
    }
}

fn list(classes: &'static Subset, source: &DatasetSource) -> Result<Opened, DataError> {
    let kind = FolderKind {
        held_out: HELD_OUT,
        classes: ClassRule::Subset(classes),
    };
    open(&kind, source)
}

const fn class(position: usize, wordnet_id: &'static str) -> Class {
    Class {
        position,
        wordnet_id,
    }
}

static IMAGENETTE_CLASSES: Subset = [
    class(0, "n01440764"),
    class(217, "n02102040"),
    class(482, "n02979186"),
    class(491, "n03000684"),
    class(497, "n03028079"),
    class(566, "n03394916"),
    class(569, "n03417042"),
    class(571, "n03425413"),
    class(574, "n03445777"),
    class(701, "n03888257"),
];

static IMAGEWOOF_CLASSES: Subset = [
    class(193, "n02096294"),
    class(182, "n02093754"),
    class(258, "n02111889"),
    class(162, "n02088364"),
    class(155, "n02086240"),
    class(167, "n02089973"),
    class(159, "n02087394"),
    class(273, "n02115641"),
    class(207, "n02099601"),
    class(229, "n02105641"),
];

static IMAGEMEOW_CLASSES: Subset = [
    class(281, "n02123045"),
    class(282, "n02123159"),
    class(283, "n02123394"),
    class(284, "n02123597"),
    class(285, "n02124075"),
    class(291, "n02129165"),
    class(292, "n02129604"),
    class(290, "n02128925"),
    class(289, "n02128757"),
    class(287, "n02127052"),
];

static IMAGESQUAWK_CLASSES: Subset = [
    class(84, "n01806143"),
    class(130, "n02007558"),
    class(88, "n01818515"),
    class(144, "n02051845"),
    class(145, "n02056570"),
    class(22, "n01614925"),
    class(96, "n01843383"),
    class(9, "n01518878"),
    class(100, "n01860187"),
    class(89, "n01819313"),
];

static IMAGEFRUIT_CLASSES: Subset = [
    class(953, "n07753275"),
    class(954, "n07753592"),
    class(949, "n07745940"),
    class(950, "n07747607"),
    class(951, "n07749582"),
    class(957, "n07768694"),
    class(952, "n07753113"),
    class(945, "n07720875"),
    class(943, "n07718472"),
    class(948, "n07742313"),
];

static IMAGEYELLOW_CLASSES: Subset = [
    class(309, "n02206856"),
    class(986, "n12057211"),
    class(954, "n07753592"),
    class(951, "n07749582"),
    class(987, "n12144580"),
    class(779, "n04146614"),
    class(599, "n03530642"),
    class(291, "n02129165"),
    class(72, "n01773157"),
    class(11, "n01531178"),
];
