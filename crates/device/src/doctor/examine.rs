//! Running the cases on a device and comparing what they give.

use burn::tensor::Device;

use super::case::Case;
use super::check::Check;
use super::recorder::Recorder;
use super::reference::References;
use super::verdict::Verdict;
use super::{augmentations, losses, operators, trainings};
use crate::probe::quietly;

/// How much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Operators and their gradients.
    Short,
    /// Trainings of fifty steps as well.
    Full,
}

/// Checks a device and tells of each check as it is done.
pub fn examine(device: &Device, scope: Scope, done: &mut dyn FnMut(&Check)) -> Vec<Check> {
    let references = References::stored();
    let short = [operators::CASES, losses::CASES, augmentations::CASES];
    let trainings = (scope == Scope::Full).then_some(trainings::CASES);
    let mut checks = Vec::new();
    for case in short.into_iter().chain(trainings).flatten() {
        for check in check(case, device, &references) {
            done(&check);
            checks.push(check);
        }
    }
    checks
}

/// One check for each kind of result that the case has.
fn check(case: &Case, device: &Device, references: &References) -> Vec<Check> {
    // One operator that a driver cannot do must not keep the others from being looked at.
    let found = quietly(|| {
        let mut recorder = Recorder::new(case.name, device);
        (case.run)(&mut recorder);
        recorder.finish()
    });
    let found = match found {
        Ok(found) => found,
        Err(reason) => {
            return vec![Check {
                operator: case.name.to_owned(),
                kind: references.first_kind(case.name),
                error: f64::INFINITY,
                tolerance: 0.0,
                verdict: Verdict::Failed(reason),
            }];
        }
    };
    let mut checks: Vec<Check> = Vec::new();
    for (kind, expected) in references.of(case.name) {
        let error = match found.iter().find(|(output, _)| *output == expected.output) {
            Some((_, values)) => expected.error(values),
            None => f64::INFINITY,
        };
        let check = Check {
            operator: case.name.to_owned(),
            kind,
            error,
            tolerance: expected.tolerance,
            verdict: expected.verdict(error),
        };
        // A case has several gradients: the worst speaks for all, so that a table fits a screen.
        match checks.iter_mut().find(|known| known.kind == kind) {
            None => checks.push(check),
            Some(known) if check.severity() > known.severity() => *known = check,
            Some(_) => {}
        }
    }
    checks
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use crate::doctor::kind::Kind;
    use burn::tensor::module::conv2d;
    use burn::tensor::ops::ConvOptions;

    fn names(cases: &[Case]) -> Vec<&'static str> {
        cases.iter().map(|case| case.name).collect()
    }

    #[test]
    fn every_stored_value_belongs_to_a_case_and_every_case_has_values() {
        let references = References::stored();
        let mut known = Vec::new();
        for cases in [
            operators::CASES,
            losses::CASES,
            augmentations::CASES,
            trainings::CASES,
        ] {
            known.extend(names(cases));
        }
        let mut stored = references.cases();
        known.sort_unstable();
        stored.sort_unstable();
        assert_eq!(known, stored);
    }

    #[test]
    fn flex_agrees_with_pytorch() {
        for check in examine(&Device::flex(), Scope::Full, &mut |_| {}) {
            assert_eq!(check.verdict, Verdict::Agrees, "{check:?}");
        }
    }

    #[cfg(feature = "ndarray")]
    #[test]
    fn ndarray_agrees_with_pytorch() {
        #[expect(deprecated, reason = "burn deprecates the backend")]
        let device = Device::ndarray();
        for check in examine(&device, Scope::Full, &mut |_| {}) {
            assert_eq!(check.verdict, Verdict::Agrees, "{check:?}");
        }
    }

    /// The verdicts on a convolution that is wrong in some way, forward and gradient.
    fn verdicts(run: fn(&mut Recorder)) -> Vec<(Kind, Verdict)> {
        let case = Case {
            name: "conv 3x3 stride 2",
            run,
        };
        let checks = check(&case, &Device::flex(), &References::stored());
        checks
            .into_iter()
            .map(|check| (check.kind, check.verdict))
            .collect()
    }

    /// The convolution of that case with the weight or the result changed.
    fn convolution(
        recorder: &mut Recorder,
        weight: impl FnOnce(burn::tensor::Tensor<4>) -> burn::tensor::Tensor<4>,
        result: impl FnOnce(burn::tensor::Tensor<4>) -> burn::tensor::Tensor<4>,
    ) {
        let x = recorder.leaf("x", [3, 6, 8, 9], 1.0, 0.0);
        let w = recorder.leaf("w", [8, 6, 3, 3], (3.0 / 54.0_f64).sqrt(), 0.0);
        let options = ConvOptions::new([2, 2], [1, 1], [1, 1], 1);
        recorder.differentiate(result(conv2d(x, weight(w), None, options)));
    }

    #[test]
    fn the_right_convolution_agrees() {
        let verdicts = verdicts(|recorder| convolution(recorder, |w| w, |y| y));
        assert_eq!(
            verdicts,
            [
                (Kind::Forward, Verdict::Agrees),
                (Kind::Gradient, Verdict::Agrees)
            ]
        );
    }

    #[test]
    fn a_convolution_with_its_kernel_turned_round_is_wrong() {
        let verdicts = verdicts(|recorder| convolution(recorder, |w| w.flip([2, 3]), |y| y));
        assert!(
            verdicts
                .iter()
                .all(|(_, verdict)| *verdict == Verdict::Wrong)
        );
    }

    #[test]
    fn a_convolution_that_forgets_one_row_is_wrong() {
        let verdicts = verdicts(|recorder| {
            let forget = |y: burn::tensor::Tensor<4>| {
                let zeros = y.clone().slice([2..3, 7..8, 3..4, 0..5]).zeros_like();
                y.slice_assign([2..3, 7..8, 3..4, 0..5], zeros)
            };
            convolution(recorder, |w| w, forget);
        });
        assert!(
            verdicts
                .iter()
                .all(|(_, verdict)| *verdict == Verdict::Wrong)
        );
    }

    #[test]
    fn a_gradient_that_is_not_taken_is_wrong_though_the_result_is_right() {
        let verdicts = verdicts(|recorder| {
            convolution(
                recorder,
                |w| w.clone().detach() + (w.clone() - w.detach()) * 0.5,
                |y| y,
            );
        });
        assert_eq!(verdicts[0], (Kind::Forward, Verdict::Agrees));
        assert_eq!(verdicts[1], (Kind::Gradient, Verdict::Wrong));
    }

    #[test]
    fn a_convolution_of_bfloat16_numbers_is_wrong_not_reduced() {
        let verdicts = verdicts(|recorder| {
            let rounded = |w: burn::tensor::Tensor<4>| {
                let scaled = w.clone().detach() * 65_537.0;
                // Veltkamp's splitting keeps eight bits.
                let high = scaled.clone() - (scaled - w.clone().detach());
                high + (w.clone() - w.detach())
            };
            convolution(recorder, rounded, |y| y);
        });
        assert_eq!(verdicts[0], (Kind::Forward, Verdict::Wrong));
    }

    #[test]
    fn a_convolution_of_tf32_numbers_is_reduced() {
        let verdicts = verdicts(|recorder| {
            let rounded = |w: burn::tensor::Tensor<4>| {
                let scaled = w.clone().detach() * 8_193.0;
                // Veltkamp's splitting keeps eleven bits.
                let high = scaled.clone() - (scaled - w.clone().detach());
                high + (w.clone() - w.detach())
            };
            convolution(recorder, rounded, |y| y);
        });
        assert_eq!(verdicts[0], (Kind::Forward, Verdict::Reduced));
    }

    #[test]
    fn a_panic_is_a_failed_check_with_its_message() {
        let verdicts = verdicts(|_| panic!("no such instruction"));
        let reason = "no such instruction".to_owned();
        assert_eq!(verdicts, [(Kind::Forward, Verdict::Failed(reason))]);
    }

    #[test]
    fn numbers_that_are_none_and_missing_results_are_wrong() {
        let verdicts_of_nan = verdicts(|recorder| convolution(recorder, |w| w, |y| y * f32::NAN));
        assert!(
            verdicts_of_nan
                .iter()
                .all(|(_, verdict)| *verdict == Verdict::Wrong)
        );
        let verdicts_of_nothing = verdicts(|_| {});
        assert!(
            verdicts_of_nothing
                .iter()
                .all(|(_, verdict)| *verdict == Verdict::Wrong)
        );
    }
}
