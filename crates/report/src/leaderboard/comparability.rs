//! What runs must share for their scores to be compared.
//!
//! Only numbers, enums and hashes are compared: those of [`Protocol`], the weight and the number of rounds.

use std::collections::BTreeMap;

use super::entry::Entry;
use crate::protocol::{Protocol, RealAccuracy};

/// Whether round i of both saw the same random numbers and the same real data.
///
/// What is not known of a run pairs it with none.
pub(crate) fn are_paired(one: &Entry<'_>, other: &Entry<'_>) -> bool {
    fn same<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
        one.is_some() && one == other
    }
    let (Some(ours), Some(theirs)) = (protocol(one), protocol(other)) else {
        return false;
    };
    one.per_round.len() == other.per_round.len()
        && same(ours.seed, theirs.seed)
        && same(ours.test_images.as_ref(), theirs.test_images.as_ref())
        && same(ours.train_images.as_ref(), theirs.train_images.as_ref())
}

/// What differs between runs and should not, one sentence each.
pub(crate) fn warnings(entries: &[Entry<'_>], is_weighted: bool) -> Vec<String> {
    let metric = entries[0].run.report.metric;
    let weight_name = metric.weight_symbol().unwrap_or("weight");
    type Value = fn(&Entry<'_>) -> Option<String>;
    // The seed is not among them: other random numbers are another sample of the same quantity. Nor is the batch size,
    // which belongs to a method's own recipe as its optimizer does.
    let mut checks: Vec<(&str, Value)> = vec![
        ("test images", |entry| {
            protocol(entry)?.test_images.as_deref().map(abbreviated)
        }),
        ("real training images", |entry| {
            protocol(entry)?.train_images.as_deref().map(abbreviated)
        }),
        ("real-data accuracy", |entry| match &protocol(entry)?.real {
            RealAccuracy::None => None,
            real @ (RealAccuracy::Given(_) | RealAccuracy::Trained(_)) => Some(real.to_string()),
        }),
        ("agent parameters", |entry| {
            Some(protocol(entry)?.agent_parameters.to_string())
        }),
        ("epochs", |entry| Some(protocol(entry)?.epochs?.to_string())),
        ("accuracy that counts", |entry| {
            Some(protocol(entry)?.selection?.to_string())
        }),
        ("rounds", |entry| Some(entry.per_round.len().to_string())),
    ];
    // A weight that was asked for holds for all.
    if !is_weighted {
        checks.insert(
            0,
            (weight_name, |entry| entry.weight.map(|w| w.to_string())),
        );
    }
    let mut warnings = Vec::new();
    for (what, value) in checks {
        // Grouped by what is shown of the value: no message lists the same text twice as if it differed, which two
        // given accuracies that agree in the decimals shown would do.
        let mut seen: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for entry in entries {
            let value = value(entry).unwrap_or_else(|| "not known".to_owned());
            seen.entry(value).or_default().push(&entry.run.report.name);
        }
        if seen.len() > 1 {
            let listed: Vec<String> = seen
                .iter()
                .map(|(value, names)| format!("{value} ({})", names.join(", ")))
                .collect();
            warnings.push(format!(
                "the runs are not comparable, {what} differ: {}",
                listed.join("; ")
            ));
        }
    }
    warnings
}

fn protocol<'a>(entry: &Entry<'a>) -> Option<&'a Protocol> {
    entry.run.report.provenance.protocol.as_ref()
}

/// The first digits of a fingerprint: enough to tell data sets apart, and a line holds several.
fn abbreviated(fingerprint: &str) -> String {
    fingerprint.chars().take(12).collect()
}
