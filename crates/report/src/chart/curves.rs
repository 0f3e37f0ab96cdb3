//! Test accuracy over the epochs of the trainings that count.

use std::collections::BTreeMap;

use super::frame::{Anchor, SERIES, Scale, Svg, WIDTH, percent_range};
use ddrank_metrics::Unit;

use crate::model::{Arm, Report};
use crate::reading::Shown;

const LEFT: f64 = 46.0;
const RIGHT: f64 = WIDTH - 14.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 330.0;

/// One thin line per arm and round, a strong one for the mean of the rounds, a marker at the epoch that counts, and a
/// dashed line for an arm whose accuracy was given; `None` when no arm has a curve.
pub(crate) fn curves(report: &Report) -> Option<String> {
    let rounds = || report.arms.iter().flat_map(|arm| &arm.rounds);
    let points = || rounds().flat_map(|round| &round.curve);
    let last = points().map(|point| point.epoch).max()?;
    let accuracies = points()
        .map(|point| point.accuracy)
        .chain(rounds().map(|round| round.accuracy));
    let (low, high) = percent_range(accuracies.map(ddrank_metrics::Accuracy::percent));
    let (x, y) = (
        Scale::new(0.0, last as f64, LEFT, RIGHT),
        Scale::new(low, high, BOTTOM, TOP),
    );
    let mut svg = Svg::new(BOTTOM + 48.0);
    svg.left_axis(y, [LEFT, RIGHT], "test accuracy (%)");
    let ticks: Vec<(f64, String)> = x
        .ticks(8)
        .into_iter()
        .map(|(tick, label)| (x.at(tick), label))
        .collect();
    svg.bottom_axis(&ticks, BOTTOM, [LEFT, RIGHT], "epoch");
    for (series, arm) in report.arms.iter().enumerate() {
        if arm.rounds.iter().all(|round| round.curve.is_empty()) {
            level(&mut svg, y, series, arm);
        } else {
            rising(&mut svg, x, y, series, arm);
        }
    }
    Some(svg.finish("Test accuracy of every arm over the epochs of training"))
}

/// An arm without a curve, at its accuracy.
fn level(svg: &mut Svg, y: Scale, series: usize, arm: &Arm) {
    let at = y.at(100.0 * arm.summary.mean);
    let title = format!(
        "{}: {} ({})",
        arm.name,
        Unit::Accuracy.show(arm.summary.mean),
        arm.source.word()
    );
    svg.line(
        &format!("level s{}", series % SERIES),
        [LEFT, at],
        [RIGHT, at],
        Some(&title),
    );
    svg.text("note", [RIGHT, at - 6.0], Anchor::End, &title, 60);
}

fn rising(svg: &mut Svg, x: Scale, y: Scale, series: usize, arm: &Arm) {
    let class = series % SERIES;
    let mut by_epoch: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for round in &arm.rounds {
        let points: Vec<[f64; 2]> = round
            .curve
            .iter()
            .map(|point| [x.at(point.epoch as f64), y.at(point.accuracy.percent())])
            .collect();
        svg.path(
            &format!("thin s{class}"),
            &points,
            &format!("{}, round {}", arm.name, round.round),
        );
        for point in &round.curve {
            by_epoch
                .entry(point.epoch)
                .or_default()
                .push(point.accuracy.percent());
        }
    }
    let mean: Vec<[f64; 2]> = by_epoch
        .iter()
        .filter(|(_, values)| values.len() == arm.rounds.len())
        .map(|(&epoch, values)| {
            [
                x.at(epoch as f64),
                y.at(values.iter().sum::<f64>() / values.len() as f64),
            ]
        })
        .collect();
    svg.path(
        &format!("strong s{class}"),
        &mean,
        &format!("{}, mean of the rounds", arm.name),
    );
    for round in &arm.rounds {
        if let Some(epoch) = round.best_epoch {
            let title = format!(
                "{}, round {}: {} in epoch {epoch}",
                arm.name, round.round, round.accuracy
            );
            svg.marker(
                "mark",
                series,
                [x.at(epoch as f64), y.at(round.accuracy.percent())],
                &title,
            );
        }
    }
}
