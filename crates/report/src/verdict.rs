//! What the scores mean, in a sentence or two.

use ddrank_metrics::Unit;

use crate::model::{Report, Score};
use crate::reading::{Shown, plural};

/// Whether the news is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Better than random selection, beyond the interval.
    Good,
    /// The rounds do not tell.
    Open,
    /// Worse than random selection, beyond the interval.
    Bad,
}

/// What the scores mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether the news is good.
    pub tone: Tone,
    /// In plain words.
    pub text: String,
}

/// Says in plain words whether the distilled set is better than random selection, as far as the rounds tell, and how
/// much of the accuracy of real data it recovers.
#[must_use]
pub(crate) fn verdict(report: &Report) -> Verdict {
    let (mut tone, mut sentences) = (Tone::Open, Vec::new());
    let parts = report.metric.parts().iter();
    let comparisons = parts.filter_map(|part| Some((part.name, part.verdict?)));
    for (index, (name, context)) in comparisons.enumerate() {
        let Some(score) = report.score(name) else {
            continue;
        };
        let (this_tone, sentence) = comparison(score, context);
        tone = if index == 0 || tone == this_tone {
            this_tone
        } else {
            Tone::Open
        };
        sentences.push(sentence);
    }
    if let (Some(real), Some(synthetic)) = (report.arm("real-hard"), report.arm("syn-hard"))
        && real.summary.mean > 0.0
    {
        sentences.push(format!(
            "With hard labels, {} per class recover {:.0} % of the accuracy that all {} give ({} of {}).",
            plural(report.synthetic.ipc, "image"),
            100.0 * synthetic.summary.mean / real.summary.mean,
            plural(report.dataset.train, "real image"),
            Unit::Accuracy.show(synthetic.summary.mean),
            Unit::Accuracy.show(real.summary.mean),
        ));
    }
    if sentences.is_empty()
        && let Some(headline) = report.headline()
    {
        sentences.push(format!(
            "The {} is {}.",
            report.metric.words(),
            headline.unit.show(headline.summary.mean)
        ));
    }
    Verdict {
        tone,
        text: sentences.join(" "),
    }
}

/// One comparison with random selection.
fn comparison(score: &Score, context: &str) -> (Tone, String) {
    let the = if context.is_empty() { "The" } else { "the" };
    let mean = score.summary.mean;
    let by = score.unit.show(mean.abs());
    let (Some((low, high)), Some(interval)) =
        (score.summary.ci95, score.unit.show_interval(&score.summary))
    else {
        let side = if mean < 0.0 { "below" } else { "above" };
        let sentence = format!(
            "{context}{the} distilled set came out {by} {side} random selection in a single round, which is too few to rule \
             out chance."
        );
        return (Tone::Open, sentence);
    };
    if low > 0.0 {
        let sentence = format!(
            "{context}{the} distilled set beats random selection by {by} (95 % CI {interval})."
        );
        (Tone::Good, sentence)
    } else if high < 0.0 {
        let sentence = format!(
            "{context}{the} distilled set is worse than random selection by {by} (95 % CI of the improvement {interval})."
        );
        (Tone::Bad, sentence)
    } else {
        let sentence = format!(
            "{context}{the} distilled set is not shown to differ from random selection: the 95 % CI of its improvement, \
             {interval}, includes 0."
        );
        (Tone::Open, sentence)
    }
}

#[cfg(test)]
mod tests {
    use ddrank_metrics::{Metric, Summary};

    use super::*;
    use crate::example;

    #[test]
    fn a_better_set_is_called_better() {
        let verdict = verdict(&example::report());
        assert_eq!(verdict.tone, Tone::Good);
        assert_eq!(
            verdict.text,
            "The distilled set beats random selection by 12.32 points (95 % CI 11.43 to 13.21 points). With hard \
             labels, 10 images per class recover 38 % of the accuracy that all 50\u{202f}000 real images give \
             (31.92 % of 84.60 %)."
        );
    }

    #[test]
    fn chance_and_loss_are_called_so() {
        let mut report = example::report();
        let set = |report: &mut Report, values: &[f64]| {
            report.scores[1].summary = Summary::of(values).unwrap();
        };
        set(&mut report, &[0.01, -0.01, 0.02]);
        assert_eq!(verdict(&report).tone, Tone::Open);
        assert!(verdict(&report).text.contains("not shown to differ"));
        set(&mut report, &[-0.05, -0.051, -0.052]);
        assert_eq!(verdict(&report).tone, Tone::Bad);
        assert!(
            verdict(&report)
                .text
                .contains("worse than random selection by 5.10 points (95 % CI")
        );
        let one = verdict(&example::one_round());
        assert_eq!(one.tone, Tone::Open);
        assert!(one.text.contains("in a single round"), "{}", one.text);
    }

    #[test]
    fn augmentation_is_judged_both_ways() {
        let mut report = example::report();
        report.metric = Metric::Ars;
        let mut with = report.scores[1].clone();
        with.name = "IOR with augmentation".into();
        let mut without = with.clone();
        without.name = "IOR without augmentation".into();
        without.summary = Summary::of(&[-0.05, -0.051, -0.052]).unwrap();
        report.scores = vec![with, without];
        let verdict = verdict(&report);
        assert_eq!(verdict.tone, Tone::Open, "good one way and bad the other");
        assert!(
            verdict
                .text
                .starts_with("With augmentation, the distilled set beats")
        );
        assert!(
            verdict
                .text
                .contains("Without augmentation, the distilled set is worse")
        );
    }
}
