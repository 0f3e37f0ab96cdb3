//! Reports for tests: one like a real one, one with a single round, one with everything that is awkward.

use ddrank_metrics::{
    Accuracy, Direction, Gap, Metric, Summary, Unit, Weight, hard_label_recovery,
    improvement_over_random, label_robust_score, label_robust_sweep,
};

use crate::model::*;
use crate::protocol::{Protocol, RealAccuracy, Selection};

const REAL: f64 = 0.846;
#[expect(clippy::approx_constant, reason = "an accuracy, not 1 / π")]
const SYNTHETIC: [f64; 5] = [0.319, 0.323, 0.314, 0.322, 0.318];
const RANDOM: [f64; 5] = [0.195, 0.191, 0.202, 0.199, 0.193];
const RATES: [f64; 5] = [0.001, 0.005, 0.01, 0.05, 0.1];

/// CIFAR-10 with ten images per class, five rounds, real data given.
pub(crate) fn report() -> Report {
    with_rounds(5)
}

/// The same with one round: no intervals.
pub(crate) fn one_round() -> Report {
    with_rounds(1)
}

/// The same with names that break what is careless.
pub(crate) fn awkward() -> Report {
    let mut report = with_rounds(2);
    let name = "<script>alert(\"1\")</script> & 'quotes', \u{1b}[31mred, comma; \u{202e}right to left, and a name that is long \
                enough to be wider than any column_and_has_a_part_without_spaces_that_cannot_be_broken_anywhere";
    report.name = name.into();
    report.agent.model = "Conv<Net>-3 & \"friends\"".into();
    report.dataset.name = "data,set\nof two lines".into();
    report.arms[1].description = name.into();
    report.provenance.configuration = "name = \"</pre><script>alert(2)</script>\"\n".into();
    report.warnings.push(name.into());
    for round in &mut report.arms[2].rounds {
        for candidate in &mut round.candidates {
            candidate.outcome = CandidateOutcome::DivergedInEpoch(1);
        }
        round.curve.truncate(1);
    }
    report
}

fn accuracy(fraction: f64) -> Accuracy {
    Accuracy::from_fraction(fraction).unwrap()
}

fn trained(name: &str, description: &str, accuracies: &[f64], best_rate: usize) -> Arm {
    let rounds = accuracies.iter().enumerate().map(|(index, &best)| {
        let outcomes = RATES.iter().enumerate().map(|(rate, &learning_rate)| {
            let outcome = match rate.abs_diff(best_rate) {
                0 => CandidateOutcome::Accuracy(accuracy(best)),
                1 if rate > best_rate && name.starts_with("syn") => {
                    CandidateOutcome::DivergedInEpoch(3)
                }
                far => CandidateOutcome::Accuracy(accuracy(
                    best * (1.0 - 0.12 * far as f64 - 0.01 * index as f64),
                )),
            };
            Candidate {
                learning_rate,
                outcome,
            }
        });
        let curve = (1..=30).map(|step| {
            let wave = 1.0 + 0.01 * f64::sin((step * (index + 3)) as f64);
            let rise = 1.0 - 0.85 * f64::exp(-(step as f64) / 5.0);
            let fraction = if step == 27 {
                best
            } else {
                (best * rise * wave).min(best - 0.0005)
            };
            CurvePoint {
                epoch: step * 10,
                accuracy: accuracy((fraction * 1e4).round() / 1e4),
            }
        });
        let curve: Vec<CurvePoint> = curve.collect();
        ArmRound {
            round: index + 1,
            accuracy: accuracy(best),
            last_accuracy: curve.last().map(|point| point.accuracy),
            best_epoch: Some(270),
            epochs: Some(300),
            learning_rate: Some(RATES[best_rate]),
            candidates: outcomes.collect(),
            curve,
            training_key: Some(
                format!("{:016x}", 0x5eed_0000_5eed_0000_u64 + index as u64).repeat(4),
            ),
            selection: name
                .starts_with("random")
                .then(|| format!("{:016x}", 0xace0 + index)),
        }
    });
    Arm {
        name: name.into(),
        description: description.into(),
        source: ArmSource::Trained,
        rounds: rounds.collect(),
        summary: Summary::of(accuracies).unwrap(),
    }
}

fn given(rounds: usize) -> Arm {
    let round = |index| ArmRound {
        round: index + 1,
        accuracy: accuracy(REAL),
        last_accuracy: None,
        best_epoch: None,
        epochs: None,
        learning_rate: None,
        candidates: Vec::new(),
        curve: Vec::new(),
        training_key: None,
        selection: None,
    };
    Arm {
        name: "real-hard".into(),
        description: "all real training images, hard labels".into(),
        source: ArmSource::Given,
        rounds: (0..rounds).map(round).collect(),
        summary: Summary::of(&vec![REAL; rounds]).unwrap(),
    }
}

fn difference(name: &str, better: Direction, from: &str, minus: &str, gaps: &[Gap]) -> Score {
    Score {
        name: name.into(),
        unit: Unit::Difference,
        better,
        between: Some(Between {
            from: from.into(),
            minus: minus.into(),
        }),
        per_round: gaps.iter().map(|gap| gap.fraction()).collect(),
        summary: Summary::of_each(gaps).unwrap(),
    }
}

fn with_rounds(rounds: usize) -> Report {
    let (synthetic, random) = (&SYNTHETIC[..rounds], &RANDOM[..rounds]);
    let hlr: Vec<Gap> = synthetic
        .iter()
        .map(|&syn| hard_label_recovery(accuracy(REAL), accuracy(syn)))
        .collect();
    let ior: Vec<Gap> = synthetic
        .iter()
        .zip(random)
        .map(|(&syn, &random)| improvement_over_random(accuracy(syn), accuracy(random)))
        .collect();
    let weight = Weight::default();
    let lrs: Vec<f64> = ior
        .iter()
        .zip(&hlr)
        .map(|(&ior, &hlr)| label_robust_score(ior, hlr, weight).value())
        .collect();
    let setting = |name: &str, value: &str| Setting {
        name: name.into(),
        value: value.into(),
    };
    let fingerprint = |of: &str, value: u64| Fingerprint {
        of: of.into(),
        value: format!("{value:064x}"),
    };
    Report {
        format_version: FORMAT_VERSION,
        name: "DC on CIFAR-10".into(),
        metric: Metric::Lrs,
        rounds,
        weight: Some(weight),
        dataset: Dataset { name: "cifar10".into(), classes: 10, train: 50_000, test: 10_000, image: [3, 32, 32] },
        synthetic: Synthetic { ipc: 10, images: 100, labels: Labels::Hard },
        agent: Agent { model: "ConvNet-3".into(), parameters: 320_010 },
        recipe: vec![
            setting("epochs", "300, tested every 10"),
            setting("batch size", "256"),
            setting("optimizer", "SGD, momentum 0.9, weight decay 0.0005"),
            setting("schedule", "step 150, gamma 0.1"),
            setting("augmentation", "DSA: color, crop, cutout, flip, scale, rotate"),
        ],
        arms: vec![
            given(rounds),
            trained("syn-hard", "distilled images, hard labels", synthetic, 3),
            trained("random-hard", "random real images, as many, hard labels", random, 2),
        ],
        scores: vec![
            difference("HLR", Direction::Lower, "real-hard", "syn-hard", &hlr),
            difference("IOR", Direction::Higher, "syn-hard", "random-hard", &ior),
            Score {
                name: "LRS".into(),
                unit: Unit::Score,
                better: Direction::Higher,
                between: None,
                summary: Summary::of(&lrs).unwrap(),
                per_round: lrs,
            },
        ],
        sweep: label_robust_sweep(&ior, &hlr).unwrap(),
        warnings: vec![
            "The accuracy of real data was given, not measured; its spread is not part of the intervals.".into(),
        ],
        provenance: Provenance {
            ddrank: "0.1.0".into(),
            git_revision: Some("5ac9530".into()),
            burn: "0.22.1".into(),
            device: "flex".into(),
            backend: "burn-flex".into(),
            os: "Linux 6.1".into(),
            cpu: "AMD EPYC 7B13".into(),
            fingerprints: vec![fingerprint("configuration", 1), fingerprint("synthetic images", 2)],
            protocol: Some(Protocol {
                seed: Some(0),
                selection: Some(Selection::Best { test_interval: 10 }),
                epochs: Some(300),
                batch_size: Some(256),
                real: RealAccuracy::Given(accuracy(REAL)),
                test_images: Some(format!("{:064x}", 3)),
                train_images: Some(format!("{:064x}", 4)),
                agent_parameters: 320_010,
            }),
            configuration: "name = \"DC on CIFAR-10\"\nmetric = \"lrs\"\nrounds = 5\nseed = 0\n\n[dataset]\nname = \
                            \"cifar10\"\n\n[real]\naccuracy = 0.846\n"
                .into(),
        },
        timing: Timing {
            started: 1_795_262_400,
            finished: 1_795_268_400,
            total_seconds: 6000.0,
            jobs: 1,
            threads: 2,
            command: "ddrank score configs/dc.toml".into(),
            arms: vec![
                ArmTiming { arm: "syn-hard".into(), seconds: 2900.5 },
                ArmTiming { arm: "random-hard".into(), seconds: 3050.2 },
            ],
        },
    }
}
