//! The learning rates that were tried.

use super::frame::{Anchor, SERIES, Scale, Svg, WIDTH, percent_range};
use crate::model::{Candidate, CandidateOutcome, Report};

const LEFT: f64 = 46.0;
const RIGHT: f64 = WIDTH - 14.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 270.0;

/// One column per learning rate, in it one lane per arm with one mark per round: filled where the rate was chosen,
/// hollow where it was not, a cross at the bottom where training diverged; `None` when nothing was searched.
pub(crate) fn grid(report: &Report) -> Option<String> {
    let searched: Vec<usize> = (0..report.arms.len())
        .filter(|&arm| {
            report.arms[arm]
                .rounds
                .iter()
                .any(|round| !round.candidates.is_empty())
        })
        .collect();
    let tried = || {
        searched
            .iter()
            .flat_map(|&arm| &report.arms[arm].rounds)
            .flat_map(|round| &round.candidates)
    };
    let mut rates: Vec<f64> = tried().map(|candidate| candidate.learning_rate).collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    if rates.is_empty() {
        return None;
    }
    let percents = tried().filter_map(|candidate| match candidate.outcome {
        CandidateOutcome::Accuracy(accuracy) => Some(accuracy.percent()),
        CandidateOutcome::DivergedInEpoch(_) | CandidateOutcome::GivenUpAfterEpoch(_) => None,
    });
    let (low, high) = percent_range(percents);
    // The lane of the crosses, if there are any.
    let is_given_up =
        |candidate: &Candidate| matches!(candidate.outcome, CandidateOutcome::GivenUpAfterEpoch(_));
    let is_cross =
        |candidate: &Candidate| !matches!(candidate.outcome, CandidateOutcome::Accuracy(_));
    let lane = if tried().any(is_given_up) {
        Some("unfinished")
    } else {
        tried().any(is_cross).then_some("diverged")
    };
    let floor = BOTTOM + if lane.is_some() { 26.0 } else { 0.0 };
    let y = Scale::new(low, high, BOTTOM, TOP);
    let mut svg = Svg::new(floor + 48.0);
    svg.left_axis(y, [LEFT, RIGHT], "test accuracy (%)");
    if let Some(lane) = lane {
        svg.text("tick", [LEFT + 2.0, floor - 8.0], Anchor::Start, lane, 20);
    }
    let first = LEFT + if lane.is_some() { 56.0 } else { 0.0 };
    let column = (RIGHT - first) / rates.len() as f64;
    let centre = |index: usize| first + column * (index as f64 + 0.5);
    let ticks: Vec<(f64, String)> = rates
        .iter()
        .enumerate()
        .map(|(index, rate)| (centre(index), rate.to_string()))
        .collect();
    svg.bottom_axis(&ticks, floor, [LEFT, RIGHT], "learning rate");
    for (lane, &series) in searched.iter().enumerate() {
        let arm = &report.arms[series];
        // Lanes share four fifths of a column, the rounds half of a lane.
        let lane_width = column * 0.8 / searched.len() as f64;
        let lane_centre = (lane as f64 + 0.5) * lane_width - column * 0.4;
        for (index, round) in arm.rounds.iter().enumerate() {
            let within = ((index as f64 + 0.5) / arm.rounds.len() as f64 - 0.5) * lane_width * 0.5;
            for candidate in &round.candidates {
                let place = rates.partition_point(|&rate| rate < candidate.learning_rate);
                let x = centre(place) + lane_centre + within;
                let what = format!(
                    "{}, round {}, rate {}",
                    arm.name, round.round, candidate.learning_rate
                );
                let mut cross = |what: &str| svg.cross(series % SERIES, [x, floor - 12.0], what);
                match candidate.outcome {
                    CandidateOutcome::Accuracy(accuracy) => {
                        let chosen = round.learning_rate == Some(candidate.learning_rate);
                        let (class, remark) = if chosen {
                            ("mark", ", chosen")
                        } else {
                            ("hollow", "")
                        };
                        let at = [x, y.at(accuracy.percent())];
                        svg.marker(class, series, at, &format!("{what}: {accuracy}{remark}"));
                    }
                    CandidateOutcome::DivergedInEpoch(epoch) => {
                        cross(&format!("{what}: diverged in epoch {epoch}"));
                    }
                    CandidateOutcome::GivenUpAfterEpoch(epoch) => {
                        cross(&format!("{what}: given up after epoch {epoch}"));
                    }
                }
            }
        }
    }
    Some(svg.finish("The accuracy that each learning rate gave, by arm and round"))
}
