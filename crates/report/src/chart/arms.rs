//! Where the score comes from: the accuracy of every arm, and the differences between arms.

use super::frame::{Anchor, SERIES, Scale, Svg, WIDTH, percent_range};
use ddrank_metrics::Unit;

use crate::model::{Arm, Report, Score};
use crate::reading::Shown;

const ROW: f64 = 34.0;
const LABEL: usize = 22;
const RIGHT: f64 = WIDTH - 132.0;

/// One row per arm (rounds as dots, mean as marker, interval as bar), then one per difference, from mean to mean.
pub(crate) fn arms(report: &Report) -> String {
    let gaps: Vec<(&Score, &Arm, &Arm)> = report
        .scores
        .iter()
        .filter_map(|score| {
            let between = score.between.as_ref()?;
            Some((
                score,
                report.arm(&between.from)?,
                report.arm(&between.minus)?,
            ))
        })
        .collect();
    let bottom = 10.0 + ROW * (report.arms.len() + gaps.len()) as f64;
    let mut svg = Svg::new(bottom + 48.0);
    let percents = report.arms.iter().flat_map(|arm| {
        let high = arm.interval().map_or(0.0, |(_, high)| high);
        [100.0 * arm.summary.max, (100.0 * high).min(100.0)]
    });
    let (low, high) = percent_range(percents);
    // As wide as the longest label, at about 8 units a character.
    let labels = report
        .arms
        .iter()
        .map(|arm| &arm.name)
        .chain(gaps.iter().map(|(score, ..)| &score.name));
    let longest = labels
        .map(|label| label.chars().count())
        .max()
        .unwrap_or_default();
    let left = 18.0 + 8.0 * longest.min(LABEL) as f64;
    let x = Scale::new(low, high, left, RIGHT);
    let ticks: Vec<(f64, String)> = x
        .ticks(6)
        .into_iter()
        .map(|(tick, label)| (x.at(tick), label))
        .collect();
    for (at, _) in &ticks {
        svg.line("rule", [*at, 4.0], [*at, bottom], None);
    }
    svg.bottom_axis(&ticks, bottom, [left, RIGHT], "test accuracy (%)");
    for (series, arm) in report.arms.iter().enumerate() {
        row(
            &mut svg,
            x,
            left,
            series,
            arm,
            10.0 + ROW * (series as f64 + 0.5),
        );
    }
    for (index, (score, from, minus)) in gaps.into_iter().enumerate() {
        let y = 10.0 + ROW * ((report.arms.len() + index) as f64 + 0.5);
        let (start, end) = (
            x.at(100.0 * minus.summary.mean),
            x.at(100.0 * from.summary.mean),
        );
        let mean = score.unit.show(score.summary.mean);
        let title = format!("{} = {} − {} = {mean}", score.name, from.name, minus.name);
        svg.text(
            "label",
            [left - 14.0, y + 4.5],
            Anchor::End,
            &score.name,
            LABEL,
        );
        svg.line("span", [start, y], [end, y], Some(&title));
        for (at, arm) in [(start, minus), (end, from)] {
            let series = report
                .arms
                .iter()
                .position(|other| other.name == arm.name)
                .unwrap_or_default();
            svg.line(
                &format!("end s{}", series % SERIES),
                [at, y - 7.0],
                [at, y + 7.0],
                Some(&arm.name),
            );
        }
        svg.text("value", [RIGHT + 14.0, y + 4.5], Anchor::Start, &mean, 22);
    }
    svg.finish("The accuracy of every arm, with the differences that make up the score")
}

fn row(svg: &mut Svg, x: Scale, left: f64, series: usize, arm: &Arm, y: f64) {
    let class = format!("s{}", series % SERIES);
    let position = |fraction: f64| x.at(100.0 * fraction);
    svg.text(
        "label",
        [left - 14.0, y + 4.5],
        Anchor::End,
        &arm.name,
        LABEL,
    );
    if let (Some((low, high)), Some(interval)) =
        (arm.summary.ci95, Unit::Accuracy.show_interval(&arm.summary))
    {
        let title = format!("{}: 95 % CI {interval}", arm.name);
        svg.line(
            &format!("ci {class}"),
            [position(low), y],
            [position(high), y],
            Some(&title),
        );
    }
    for round in &arm.rounds {
        let title = format!("{}, round {}: {}", arm.name, round.round, round.accuracy);
        svg.dot(
            &format!("faint {class}"),
            [position(round.accuracy.fraction()), y],
            3.0,
            &title,
        );
    }
    let title = format!(
        "{}: mean {}",
        arm.name,
        Unit::Accuracy.show(arm.summary.mean)
    );
    svg.marker("mark", series, [position(arm.summary.mean), y], &title);
    let mean = arm.show_mean();
    svg.text("value", [RIGHT + 14.0, y + 4.5], Anchor::Start, &mean, 22);
}
