//! Reports that were written before they had a protocol.

use crate::model::{ArmSource, Report};
use crate::protocol::{Protocol, RealAccuracy, Selection};

/// The protocol of a report that has it in words only.
///
/// What the words do not tell is not known; nothing is guessed.
pub(crate) fn protocol_from_words(report: &Report) -> Protocol {
    // Version 1 of the format began without the field, and its version did not change when the field came: whoever reads
    // the file today must still find these. The sentences below were the same in every such report. They stand here
    // once more, apart from the code that writes today's, because they must not change with it.
    let setting = |name: &str| {
        let setting = report.recipe.iter().find(|setting| setting.name == name)?;
        Some(setting.value.as_str())
    };
    let fingerprint = |of: &str| {
        let mut all = report.provenance.fingerprints.iter();
        Some(all.find(|fingerprint| fingerprint.of == of)?.value.clone())
    };
    let selection = |words: &str| {
        if words == "after the last epoch" {
            return Some(Selection::Last);
        }
        let interval = words
            .strip_prefix("best on the test set, tested every ")?
            .strip_suffix(" epochs and after the last")?;
        let test_interval = interval.parse().ok()?;
        Some(Selection::Best { test_interval })
    };
    let batch_size = |words: &str| {
        let mut parts = words.split(", ");
        parts.find_map(|part| part.strip_prefix("batch ")?.parse().ok())
    };
    // The words have two decimals of a percentage, the arm has the number that was given; only this arm can be given.
    let given = || {
        let arm = report
            .arms
            .iter()
            .find(|arm| arm.source == ArmSource::Given)?;
        Some(arm.rounds.first()?.accuracy)
    };
    let real = |words: &str| match given() {
        Some(accuracy) if words.ends_with(", given") => RealAccuracy::Given(accuracy),
        _ => RealAccuracy::Trained(words.to_owned()),
    };
    let distilled = report
        .arms
        .iter()
        .rfind(|arm| arm.name.starts_with("syn"))
        .and_then(|arm| arm.rounds.first());
    Protocol {
        seed: setting("seed").and_then(|words| words.parse().ok()),
        selection: setting("accuracy that counts").and_then(selection),
        epochs: distilled.and_then(|round| round.epochs),
        batch_size: setting("training").and_then(batch_size),
        real: setting("real-data accuracy").map_or(RealAccuracy::None, real),
        test_images: fingerprint("test images"),
        train_images: fingerprint("real training images"),
        agent_parameters: report.agent.parameters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;
    use crate::model::Setting;

    /// The example with these words in the place of its own.
    fn with(settings: &[(&str, &str)]) -> Protocol {
        let mut report = example::report();
        let setting = |&(name, value): &(&str, &str)| Setting {
            name: name.into(),
            value: value.into(),
        };
        report.recipe = settings.iter().map(setting).collect();
        protocol_from_words(&report)
    }

    #[test]
    fn words_are_read_back() {
        for selection in [Selection::Best { test_interval: 7 }, Selection::Last] {
            let words = selection.to_string();
            let protocol = with(&[("accuracy that counts", &words), ("seed", "77")]);
            assert_eq!(protocol.selection, Some(selection));
            assert_eq!(protocol.seed, Some(77));
        }
        let given = example::report().arms[0].rounds[0].accuracy;
        let real = RealAccuracy::Given(given);
        let protocol = with(&[("real-data accuracy", &real.to_string())]);
        assert_eq!(protocol.real, real);
        let trained = "12 epochs, batch 100, SGD; learning rates 0.01; augmentation none";
        let protocol = with(&[
            ("real-data accuracy", trained),
            ("training", "300 epochs, batch 256, SGD"),
        ]);
        assert_eq!(protocol.real, RealAccuracy::Trained(trained.into()));
        assert_eq!(
            (protocol.epochs, protocol.batch_size),
            (Some(300), Some(256))
        );
    }

    #[test]
    fn what_no_words_tell_is_not_known() {
        let protocol = with(&[("seed", "none"), ("accuracy that counts", "the median")]);
        assert_eq!((protocol.seed, protocol.selection), (None, None));
        assert_eq!((protocol.test_images, protocol.train_images), (None, None));
        assert_eq!(
            (protocol.batch_size, protocol.real),
            (None, RealAccuracy::None)
        );
        assert_eq!(protocol.agent_parameters, 320_010);
    }
}
