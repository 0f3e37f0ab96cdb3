//! Plain test accuracy of the distilled set with the whole recipe; beside it random images, on request.

use super::definition::{Definition, Difference, Part, Setup};
use crate::accuracy::Gap;
use crate::arm::{Arm, ArmLabels, ArmName, Rates, Source};
use crate::ranking::Direction;
use crate::score::Score;
use crate::weight::Weight;

/// What the literature reports.
pub(super) struct PlainAccuracy;

impl Definition for PlainAccuracy {
    const NAME: &'static str = "accuracy";
    const HEADLINE: &'static str = "accuracy";
    const WORDS: &'static str = "test accuracy";
    const MEANING: &'static str = "test accuracy of the distilled set with the whole recipe";
    const WEIGHT: Option<&'static str> = None;
    const PARTS: &'static [Part] = &[Part {
        name: "IOR",
        better: Direction::Higher,
        verdict: None,
    }];
    const COMBINE: Option<fn(Gap, Gap, Weight) -> Score> = None;
    const TEST_INTERVALS: [u32; 2] = [20, 20];

    fn arms(setup: &Setup) -> Vec<Arm> {
        let arm = |name, source, rates| Arm::new(name, source, ArmLabels::Recipe, rates);
        let random = arm(ArmName::RandomAny, Source::Random, Rates::Grid);
        let mut arms = vec![arm(ArmName::SynAny, Source::Synthetic, Rates::Given)];
        arms.extend(setup.random.then_some(random));
        arms
    }

    fn differences(setup: &Setup) -> Vec<Difference> {
        let random = Self::random_arm(setup);
        let improvement = random.map(|random| Difference::new(ArmName::SynAny, random));
        improvement.into_iter().collect()
    }

    fn headline_arm(_setup: &Setup) -> ArmName {
        ArmName::SynAny
    }

    fn random_arm(setup: &Setup) -> Option<ArmName> {
        setup.random.then_some(ArmName::RandomAny)
    }
}
