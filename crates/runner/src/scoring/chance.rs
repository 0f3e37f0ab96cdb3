//! Arms that know no more than guessing.

use ddrank_report::{Arm, ArmSource};

/// How far above guessing an accuracy may be and still be that: by choosing the best of several tests and learning rates
/// networks that have learnt nothing get as far.
const LUCK: f64 = 0.25;

/// Warnings of the trained arms whose accuracy is chance level; `labels` are those of the test images. Arms in `noise` are
/// meant to be there.
pub(crate) fn at_chance(
    arms: &[Arm],
    labels: &[u32],
    classes: usize,
    noise: &[String],
) -> Vec<String> {
    let mut counts = vec![0_usize; classes];
    for &label in labels {
        counts[label as usize] += 1;
    }
    let images = labels.len().max(1) as f64;
    // Always the same answer is right as often as the largest class is there.
    let largest = counts.iter().copied().max().unwrap_or_default() as f64 / images;
    let chance = largest.max(1.0 / classes.max(1) as f64);
    // Of a test by so many images.
    let deviation = (chance * (1.0 - chance) / images).sqrt();
    let reach = chance + (3.0 * deviation).max(LUCK * chance);
    let is_low = |arm: &&Arm| {
        arm.source != ArmSource::Given && !noise.contains(&arm.name) && arm.summary.mean <= reach
    };
    let percent = |fraction: f64| format!("{:.2} %", 100.0 * fraction);
    let warning = |arm: &Arm| {
        format!(
            "arm {}: {} is chance level (guessing gets {}, and with {} test images up to {} is luck). Usual causes: labels \
             in another order or shifted by one, images of another preparation, too few epochs, unsuitable learning rates",
            arm.name,
            percent(arm.summary.mean),
            percent(chance),
            labels.len(),
            percent(reach),
        )
    };
    // Guessing is all there is to know of one class, and a coin is too near to everything.
    if reach >= 0.75 {
        return Vec::new();
    }
    arms.iter().filter(is_low).map(warning).collect()
}

#[cfg(test)]
mod tests {
    use ddrank_metrics::Summary;

    use super::*;

    fn arm(name: &str, accuracies: &[f64], source: ArmSource) -> Arm {
        Arm {
            name: name.to_owned(),
            description: String::new(),
            source,
            rounds: Vec::new(),
            summary: Summary::of(accuracies).unwrap(),
        }
    }

    fn named(arms: &[Arm], labels: &[u32], classes: usize) -> Vec<String> {
        let found = at_chance(arms, labels, classes, &["noise-any".to_owned()]);
        let name = |text: String| text["arm ".len()..].split(':').next().unwrap().to_owned();
        found.into_iter().map(name).collect()
    }

    #[test]
    fn what_guessing_reaches_is_chance_level() {
        let arms = [
            arm("shifted", &[0.114], ArmSource::Trained),
            arm("cached", &[0.10, 0.12], ArmSource::Cache),
            arm("good", &[0.502], ArmSource::Trained),
            arm("given", &[0.1], ArmSource::Given),
            arm("noise-any", &[0.1], ArmSource::Trained),
        ];
        let balanced = |images: u32| (0..images).map(|n| n % 10).collect::<Vec<u32>>();
        assert_eq!(named(&arms, &balanced(500), 10), ["shifted", "cached"]);
        // 0.1 + 0.025 with 10,000 images, 0.1 + 3 · 0.0134 with 500.
        let at = |accuracy, images| {
            let arms = [arm("x", &[accuracy], ArmSource::Trained)];
            named(&arms, &balanced(images), 10).len()
        };
        assert_eq!((at(0.1249, 10_000), at(0.1251, 10_000)), (1, 0));
        assert_eq!((at(0.1402, 500), at(0.1403, 500)), (1, 0));
        // Half of the images are of one class.
        let uneven: Vec<u32> = (0..1000)
            .map(|n| if n % 2 == 0 { 0 } else { n / 2 % 10 })
            .collect();
        assert_eq!(named(&arms, &uneven, 10), ["shifted", "cached", "good"]);
    }

    #[test]
    fn the_message_has_the_figures_and_the_causes() {
        let arms = [arm("syn-hard", &[0.114], ArmSource::Trained)];
        let labels: Vec<u32> = (0..500).map(|n| n % 10).collect();
        let [said] = at_chance(&arms, &labels, 10, &[]).try_into().unwrap();
        for part in [
            "arm syn-hard: 11.40 %",
            "guessing gets 10.00 %",
            "500 test images up to 14.02 %",
            "shifted by one",
        ] {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
        assert!(at_chance(&arms, &[0; 20], 1, &[]).is_empty());
        let two = [arm("x", &[0.5], ArmSource::Trained)];
        assert_eq!(at_chance(&two, &[0, 1].repeat(500), 2, &[]).len(), 1);
    }
}
