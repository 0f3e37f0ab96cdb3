//! Which arms combine into which number.

use ddrank_metrics::{
    Accuracy, Direction, Gap, Summary, SweepPoint, augmentation_robust_score,
    augmentation_robust_sweep, hard_label_recovery, improvement_over_random, label_robust_score,
    label_robust_sweep,
};

use crate::arms::ArmName;
use crate::configuration::{Configuration, LabelMode, Metric};
use crate::report::{self, Between, Unit};
use crate::scoring::ScoringError;

/// The derived quantities of a report.
pub(crate) struct Scores {
    pub(crate) rows: Vec<report::Score>,
    pub(crate) sweep: Vec<SweepPoint>,
}

/// The scores of the configured metric: all per round, then summarised.
///
/// # Errors
/// If an arm has no round.
pub(crate) fn scores(
    configuration: &Configuration,
    arms: &[report::Arm],
) -> Result<Scores, ScoringError> {
    let arms = Arms(arms);
    let weight = configuration.weight;
    let (mut scores, random) = match (configuration.metric, configuration.labels.mode) {
        (Metric::Lrs, LabelMode::Hard) => {
            let (syn, random) = (ArmName::SynHard, ArmName::RandomHard);
            (label_robust(&arms, weight, syn, &random)?, Some(random))
        }
        (Metric::Lrs, LabelMode::Single | LabelMode::Multiple) => {
            let (syn, random) = (ArmName::SynAny, ArmName::RandomAny);
            (label_robust(&arms, weight, syn, &random)?, Some(random))
        }
        (Metric::Ars, _) => (
            augmentation_robust(&arms, weight)?,
            Some(ArmName::RandomAug),
        ),
        (Metric::Accuracy, _) => accuracy(&arms)?,
    };
    if let Some(random) = random {
        let further = std::iter::once(ArmName::Noise).chain(
            configuration
                .compare
                .iter()
                .map(|set| ArmName::Compare(set.name.clone())),
        );
        for arm in further.filter(|arm| arms.has(arm)) {
            let (row, _) = improvement(&arms, &format!("IOR of {arm}"), &arm, &random)?;
            scores.rows.push(row);
        }
    }
    Ok(scores)
}

/// HLR = real - syn with hard labels, IOR = syn - random with the recipe's, LRS from both.
fn label_robust(
    arms: &Arms<'_>,
    weight: ddrank_metrics::Weight,
    syn: ArmName,
    random: &ArmName,
) -> Result<Scores, ScoringError> {
    let (real, syn_hard) = (ArmName::RealHard, ArmName::SynHard);
    let recovery: Vec<Gap> = arms
        .pairs(&real, &syn_hard)
        .map(|(real, syn)| hard_label_recovery(real, syn))
        .collect();
    let (improvement_row, improvement) = improvement(arms, "IOR", &syn, random)?;
    let scores = improvement
        .iter()
        .zip(&recovery)
        .map(|(&improvement, &recovery)| label_robust_score(improvement, recovery, weight).into())
        .collect();
    let rows = vec![
        score(
            "HLR",
            Unit::Difference,
            Direction::Lower,
            between(&real, &syn_hard),
            values(&recovery),
        )?,
        improvement_row,
        score("LRS", Unit::Score, Direction::Higher, None, scores)?,
    ];
    Ok(Scores {
        rows,
        sweep: label_robust_sweep(&improvement, &recovery)?,
    })
}

/// ARS from the improvements over random with and without augmentation.
fn augmentation_robust(
    arms: &Arms<'_>,
    weight: ddrank_metrics::Weight,
) -> Result<Scores, ScoringError> {
    let (with_row, with) = improvement(
        arms,
        "IOR with augmentation",
        &ArmName::SynAug,
        &ArmName::RandomAug,
    )?;
    let (without_row, without) = improvement(
        arms,
        "IOR without augmentation",
        &ArmName::SynNoaug,
        &ArmName::RandomNoaug,
    )?;
    let scores = with
        .iter()
        .zip(&without)
        .map(|(&with, &without)| augmentation_robust_score(with, without, weight).into())
        .collect();
    let rows = vec![
        with_row,
        without_row,
        score("ARS", Unit::Score, Direction::Higher, None, scores)?,
    ];
    Ok(Scores {
        rows,
        sweep: augmentation_robust_sweep(&with, &without)?,
    })
}

/// The accuracy of the distilled set, its improvement where there is a random arm, and that arm.
fn accuracy(arms: &Arms<'_>) -> Result<(Scores, Option<ArmName>), ScoringError> {
    let (syn, random) = (ArmName::SynAny, ArmName::RandomAny);
    let values = arms.of(&syn).map(Accuracy::fraction).collect();
    let row = score("accuracy", Unit::Accuracy, Direction::Higher, None, values)?;
    let mut rows = vec![row];
    let random = arms.has(&random).then_some(random);
    if let Some(random) = &random {
        rows.push(improvement(arms, "IOR", &syn, random)?.0);
    }
    let scores = Scores {
        rows,
        sweep: Vec::new(),
    };
    Ok((scores, random))
}

/// The improvement of one arm over a random one, as a row and round by round.
fn improvement(
    arms: &Arms<'_>,
    name: &str,
    syn: &ArmName,
    random: &ArmName,
) -> Result<(report::Score, Vec<Gap>), ScoringError> {
    let gaps: Vec<Gap> = arms
        .pairs(syn, random)
        .map(|(syn, random)| improvement_over_random(syn, random))
        .collect();
    let row = score(
        name,
        Unit::Difference,
        Direction::Higher,
        between(syn, random),
        values(&gaps),
    )?;
    Ok((row, gaps))
}

/// The arms of a report, by name.
struct Arms<'a>(&'a [report::Arm]);

impl Arms<'_> {
    fn find(&self, name: &ArmName) -> Option<&report::Arm> {
        let name = name.to_string();
        self.0.iter().find(|arm| arm.name == name)
    }

    fn has(&self, name: &ArmName) -> bool {
        self.find(name).is_some()
    }

    /// Accuracies by round.
    fn of(&self, name: &ArmName) -> impl Iterator<Item = Accuracy> {
        let rounds = self.find(name).map(|arm| arm.rounds.as_slice());
        rounds
            .unwrap_or_default()
            .iter()
            .map(|round| round.accuracy)
    }

    fn pairs(&self, one: &ArmName, other: &ArmName) -> impl Iterator<Item = (Accuracy, Accuracy)> {
        self.of(one).zip(self.of(other))
    }
}

fn values(gaps: &[Gap]) -> Vec<f64> {
    gaps.iter().map(|&gap| gap.into()).collect()
}

fn between(from: &ArmName, minus: &ArmName) -> Option<Between> {
    Some(Between {
        from: from.to_string(),
        minus: minus.to_string(),
    })
}

fn score(
    name: &str,
    unit: Unit,
    better: Direction,
    between: Option<Between>,
    per_round: Vec<f64>,
) -> Result<report::Score, ScoringError> {
    let summary = Summary::of(&per_round)?;
    Ok(report::Score {
        name: name.to_owned(),
        unit,
        better,
        between,
        per_round,
        summary,
    })
}
