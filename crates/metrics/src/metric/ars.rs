//! The augmentation-robust score: how much of an improvement stays without augmentation (arXiv 2505.13300, section 3)?

use super::definition::{Definition, Difference, Part, Setup};
use crate::accuracy::Gap;
use crate::arm::{Arm, ArmLabels, ArmName, Rates, Source};
use crate::ranking::Direction;
use crate::score::{Score, augmentation_robust_score};
use crate::weight::Weight;

/// syn - random with and without augmentation, with the recipe's labels.
pub(super) struct Ars;

impl Definition for Ars {
    const NAME: &'static str = "ars";
    const HEADLINE: &'static str = "ARS";
    const WORDS: &'static str = "augmentation-robust score";
    const MEANING: &'static str = "the Augmentation-Robust Score: how much of the improvement over random selection stays without augmentation";
    const WEIGHT: Option<&'static str> = Some("γ");
    const PARTS: &'static [Part] = &[
        Part {
            name: "IOR with augmentation",
            better: Direction::Higher,
            verdict: Some("With augmentation, "),
        },
        Part {
            name: "IOR without augmentation",
            better: Direction::Higher,
            verdict: Some("Without augmentation, "),
        },
    ];
    const COMBINE: Option<fn(Gap, Gap, Weight) -> Score> = Some(augmentation_robust_score);
    const TEST_INTERVALS: [u32; 2] = [20, 20];

    fn arms(_setup: &Setup) -> Vec<Arm> {
        let arm = |name, source, rates| Arm::new(name, source, ArmLabels::Recipe, rates);
        vec![
            arm(ArmName::SynAug, Source::Synthetic, Rates::Given),
            arm(ArmName::RandomAug, Source::Random, Rates::Grid),
            arm(ArmName::SynNoaug, Source::Synthetic, Rates::Given).plain(),
            arm(ArmName::RandomNoaug, Source::Random, Rates::Grid).plain(),
        ]
    }

    fn differences(_setup: &Setup) -> Vec<Difference> {
        vec![
            Difference::new(ArmName::SynAug, ArmName::RandomAug),
            Difference::new(ArmName::SynNoaug, ArmName::RandomNoaug),
        ]
    }

    fn headline_arm(_setup: &Setup) -> ArmName {
        ArmName::SynAug
    }

    fn random_arm(_setup: &Setup) -> Option<ArmName> {
        Some(ArmName::RandomAug)
    }
}
