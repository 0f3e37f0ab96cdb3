//! The label-robust score: how good is a distilled set once soft labels are taken out (arXiv 2505.13300, section 3)?

use super::definition::{Definition, Difference, Part, Setup};
use crate::accuracy::Gap;
use crate::arm::{Arm, ArmLabels, ArmName, Rates, Source};
use crate::ranking::Direction;
use crate::score::{Score, label_robust_score};
use crate::weight::Weight;

/// HLR = real - syn with hard labels, IOR = syn - random with the recipe's labels, LRS from both.
pub(super) struct Lrs;

impl Definition for Lrs {
    const NAME: &'static str = "lrs";
    const HEADLINE: &'static str = "LRS";
    const WORDS: &'static str = "label-robust score";
    const MEANING: &'static str =
        "the Label-Robust Score: how good the distilled set is once soft labels are taken out";
    const WEIGHT: Option<&'static str> = Some("λ");
    const PARTS: &'static [Part] = &[
        Part {
            name: "HLR",
            better: Direction::Lower,
            verdict: None,
        },
        Part {
            name: "IOR",
            better: Direction::Higher,
            verdict: Some(""),
        },
    ];
    const COMBINE: Option<fn(Gap, Gap, Weight) -> Score> =
        Some(|recovery, improvement, weight| label_robust_score(improvement, recovery, weight));
    const TEST_INTERVALS: [u32; 2] = [10, 20];

    fn arms(setup: &Setup) -> Vec<Arm> {
        let real = Arm::new(
            ArmName::RealHard,
            Source::Real,
            ArmLabels::Hard,
            Rates::Grid,
        );
        if !setup.has_soft_labels {
            let arm = |name, source, rates| Arm::new(name, source, ArmLabels::Hard, rates);
            return vec![
                real,
                arm(ArmName::SynHard, Source::Synthetic, Rates::Given),
                arm(ArmName::RandomHard, Source::Random, Rates::Grid),
            ];
        }
        // With soft labels the hard-label training always searches its rate: the given one belongs to the method's own
        // labels.
        let hard = Arm::new(
            ArmName::SynHard,
            Source::Synthetic,
            ArmLabels::Hard,
            Rates::Grid,
        );
        let any = |name, source, rates| Arm::new(name, source, ArmLabels::Recipe, rates);
        vec![
            real,
            if setup.augments_hard_arms {
                hard
            } else {
                hard.plain()
            },
            any(ArmName::SynAny, Source::Synthetic, Rates::Given),
            any(ArmName::RandomAny, Source::Random, Rates::Grid),
        ]
    }

    fn differences(setup: &Setup) -> Vec<Difference> {
        let (syn, random) = if setup.has_soft_labels {
            (ArmName::SynAny, ArmName::RandomAny)
        } else {
            (ArmName::SynHard, ArmName::RandomHard)
        };
        vec![
            Difference::new(ArmName::RealHard, ArmName::SynHard),
            Difference::new(syn, random),
        ]
    }

    fn headline_arm(_setup: &Setup) -> ArmName {
        ArmName::SynHard
    }

    fn random_arm(setup: &Setup) -> Option<ArmName> {
        Some(if setup.has_soft_labels {
            ArmName::RandomAny
        } else {
            ArmName::RandomHard
        })
    }
}
