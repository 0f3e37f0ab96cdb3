//! How the headline score depends on its weight.

use super::frame::{Anchor, Scale, Svg, WIDTH, loose_range};
use ddrank_metrics::Unit;

use crate::model::Report;
use crate::reading::Shown;

const LEFT: f64 = 46.0;
const RIGHT: f64 = WIDTH - 14.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 250.0;

/// The mean over the weights with its interval as a band, and the weight of the report marked; `None` when there is no
/// sweep.
pub(crate) fn sweep(report: &Report) -> Option<String> {
    if report.sweep.len() < 2 {
        return None;
    }
    let name = report.metric.headline();
    let values = report.sweep.iter().flat_map(|point| {
        let (low, high) = point
            .summary
            .ci95
            .unwrap_or((point.summary.mean, point.summary.mean));
        [low, high, point.summary.mean]
    });
    let (low, high) = loose_range(values, (0.0, 100.0), 2.0);
    let (x, y) = (
        Scale::new(0.0, 1.0, LEFT, RIGHT),
        Scale::new(low, high, BOTTOM, TOP),
    );
    let mut svg = Svg::new(BOTTOM + 48.0);
    svg.left_axis(y, [LEFT, RIGHT], &format!("{name} (0 to 100)"));
    let ticks: Vec<(f64, String)> = x
        .ticks(10)
        .into_iter()
        .map(|(tick, label)| (x.at(tick), label))
        .collect();
    let symbol = report.metric.weight_symbol().unwrap_or("weight");
    svg.bottom_axis(&ticks, BOTTOM, [LEFT, RIGHT], &format!("weight {symbol}"));
    let intervals: Option<Vec<(f64, f64, f64)>> = report
        .sweep
        .iter()
        .map(|point| {
            point
                .summary
                .ci95
                .map(|(low, high)| (point.weight.value(), low, high))
        })
        .collect();
    if let Some(intervals) = intervals {
        let upper = intervals
            .iter()
            .map(|&(weight, _, high)| [x.at(weight), y.at(high)]);
        let lower = intervals
            .iter()
            .rev()
            .map(|&(weight, low, _)| [x.at(weight), y.at(low)]);
        svg.area(
            "band",
            &upper.chain(lower).collect::<Vec<_>>(),
            "95 % confidence interval",
        );
    }
    let mean: Vec<[f64; 2]> = report
        .sweep
        .iter()
        .map(|point| [x.at(point.weight.value()), y.at(point.summary.mean)])
        .collect();
    svg.path("strong ink", &mean, &format!("mean {name}"));
    for (point, at) in report.sweep.iter().zip(&mean) {
        let interval = Unit::Score
            .show_interval(&point.summary)
            .map_or(String::new(), |interval| format!(" (95 % CI {interval})"));
        let title = format!(
            "{symbol} = {}: {name} {}{interval}",
            point.weight,
            Unit::Score.show(point.summary.mean)
        );
        svg.dot("ink", *at, 3.5, &title);
    }
    if let (Some(weight), Some(headline)) = (report.weight, report.headline()) {
        let (at, top) = (x.at(weight.value()), y.at(headline.summary.mean));
        svg.line("chosen", [at, top], [at, BOTTOM], None);
        let title = format!(
            "this report: {name} {}",
            headline.unit.show(headline.summary.mean)
        );
        svg.dot("ring", [at, top], 7.0, &title);
        let (anchor, shift) = if weight.value() < 0.6 {
            (Anchor::Start, 10.0)
        } else {
            (Anchor::End, -10.0)
        };
        svg.text("note", [at + shift, BOTTOM - 10.0], anchor, &title, 60);
    }
    Some(svg.finish(&format!("{name} for the weights 0.1 to 0.9")))
}
