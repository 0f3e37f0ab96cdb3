//! Axes, marks and text that all charts share.

use std::fmt::{Display, Write};

use minijinja::HtmlEscape;

use crate::reading::fixed;

/// The number of colours; arms beyond it use them again.
pub(crate) const SERIES: usize = 8;
/// The width of every chart in its own units.
pub(crate) const WIDTH: f64 = 720.0;
/// The radius of a marker.
pub(crate) const RADIUS: f64 = 4.5;

/// A linear map from numbers to positions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Maps `low..=high` to `from..=to`; equal ends are moved apart.
    pub(crate) fn new(low: f64, high: f64, from: f64, to: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Self {
            low,
            high,
            from,
            to,
        }
    }

    /// The position of a number, at the nearest end when it is outside.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + share * (self.to - self.from)
    }

    /// Round numbers inside the range, about `count` of them, with the decimals that tell them apart.
    pub(crate) fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        let step = round_step(self.high - self.low, count);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let first = (self.low / step - 1e-9).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last)
            .map(|index| index as f64 * step)
            .map(|tick| (tick, fixed(tick, decimals)))
            .collect()
    }
}

/// The smallest of 1, 2, 5 times a power of ten that cuts `span` in at most `count` parts.
fn round_step(span: f64, count: usize) -> f64 {
    let rough = span / count.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|factor| factor * power >= rough * (1.0 - 1e-9))
        .unwrap_or(10.0);
    factor * power
}

/// A range of percentages that begins at 0 and ends at a round number above all `values`.
pub(crate) fn percent_range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let highest = values.fold(1.0, f64::max);
    let step = round_step(highest, 5);
    (0.0, ((highest / step - 1e-9).ceil() * step).min(100.0))
}

/// A range around `values` with room on both sides, within `limits`, not smaller than `least`.
pub(crate) fn loose_range(
    values: impl Iterator<Item = f64>,
    limits: (f64, f64),
    least: f64,
) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value.max(limits.0)), high.max(value.min(limits.1)))
    });
    let room = ((high - low) * 0.12)
        .max((least - (high - low)) / 2.0)
        .max(0.0);
    ((low - room).max(limits.0), (high + room).min(limits.1))
}

/// Where the text of a label begins.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing in the making.
pub(crate) struct Svg {
    body: String,
    height: f64,
}

impl Svg {
    pub(crate) fn new(height: f64) -> Self {
        Self {
            body: String::new(),
            height,
        }
    }

    /// The drawing, with what it shows in words for those who do not see it.
    pub(crate) fn finish(self, description: &str) -> String {
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{}\">{}</svg>",
            coordinate(self.height),
            HtmlEscape(description),
            self.body
        )
    }

    /// Appends to the drawing; writing to a string does not fail.
    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        let _ = self.body.write_fmt(element);
    }

    pub(crate) fn line(
        &mut self,
        class: &str,
        [x1, y1]: [f64; 2],
        [x2, y2]: [f64; 2],
        title: Option<&str>,
    ) {
        let (x1, y1, x2, y2) = (
            coordinate(x1),
            coordinate(y1),
            coordinate(x2),
            coordinate(y2),
        );
        let title = Title(title);
        self.push(format_args!(
            "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\">{title}</line>"
        ));
    }

    /// A line through points; nothing when there are fewer than two.
    pub(crate) fn path(&mut self, class: &str, points: &[[f64; 2]], title: &str) {
        if points.len() > 1 {
            let (d, title) = (Points(points), Title(Some(title)));
            self.push(format_args!(
                "<polyline class=\"{class}\" points=\"{d}\">{title}</polyline>"
            ));
        }
    }

    pub(crate) fn area(&mut self, class: &str, points: &[[f64; 2]], title: &str) {
        let (d, title) = (Points(points), Title(Some(title)));
        self.push(format_args!(
            "<polygon class=\"{class}\" points=\"{d}\">{title}</polygon>"
        ));
    }

    pub(crate) fn dot(&mut self, class: &str, [x, y]: [f64; 2], radius: f64, title: &str) {
        let (x, y, r, title) = (
            coordinate(x),
            coordinate(y),
            coordinate(radius),
            Title(Some(title)),
        );
        self.push(format_args!(
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\">{title}</circle>"
        ));
    }

    /// The marker of an arm, in its shape and colour.
    pub(crate) fn marker(&mut self, class: &str, series: usize, [x, y]: [f64; 2], title: &str) {
        let r = RADIUS;
        let shape: &[[f64; 2]] = match series % 6 {
            0 => return self.dot(&format!("{class} s{}", series % SERIES), [x, y], r, title),
            1 => &[[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]],
            2 => &[[0.0, -1.2], [1.15, 0.85], [-1.15, 0.85]],
            3 => &[[0.0, -1.3], [1.3, 0.0], [0.0, 1.3], [-1.3, 0.0]],
            4 => &[[0.0, 1.2], [1.15, -0.85], [-1.15, -0.85]],
            _ => &[
                [0.0, -1.2],
                [1.2, -0.3],
                [0.75, 1.05],
                [-0.75, 1.05],
                [-1.2, -0.3],
            ],
        };
        let points: Vec<[f64; 2]> = shape
            .iter()
            .map(|[dx, dy]| [x + dx * r, y + dy * r])
            .collect();
        self.area(&format!("{class} s{}", series % SERIES), &points, title);
    }

    /// A cross, for what went wrong.
    pub(crate) fn cross(&mut self, series: usize, [x, y]: [f64; 2], title: &str) {
        let (r, s) = (3.5, series % SERIES);
        let (left, right, top, bottom) = (
            coordinate(x - r),
            coordinate(x + r),
            coordinate(y - r),
            coordinate(y + r),
        );
        let title = Title(Some(title));
        self.push(format_args!(
            "<path class=\"cross s{s}\" d=\"M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}\">{title}</path>"
        ));
    }

    /// A label; longer than `limit` characters it is cut, and the whole is its tooltip.
    pub(crate) fn text(
        &mut self,
        class: &str,
        [x, y]: [f64; 2],
        anchor: Anchor,
        text: &str,
        limit: usize,
    ) {
        let (x, y) = (coordinate(x), coordinate(y));
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let cut = cut(text, limit);
        let title = Title((cut != text).then_some(text));
        let cut = HtmlEscape(&cut);
        self.push(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{cut}{title}</text>"
        ));
    }

    /// Horizontal grid lines with their numbers at the left, and the name of the axis above them.
    pub(crate) fn left_axis(&mut self, scale: Scale, [left, right]: [f64; 2], name: &str) {
        for (value, label) in scale.ticks(5) {
            let y = scale.at(value);
            self.line("rule", [left, y], [right, y], None);
            self.text("tick", [left - 8.0, y + 4.0], Anchor::End, &label, 20);
        }
        self.text(
            "axis",
            [0.0, scale.to.min(scale.from) - 14.0],
            Anchor::Start,
            name,
            60,
        );
    }

    /// Numbers below a drawing, and the name of the axis below them.
    pub(crate) fn bottom_axis(
        &mut self,
        ticks: &[(f64, String)],
        y: f64,
        [left, right]: [f64; 2],
        name: &str,
    ) {
        self.line("base", [left, y], [right, y], None);
        for (x, label) in ticks {
            self.line("base", [*x, y], [*x, y + 5.0], None);
            self.text("tick", [*x, y + 19.0], Anchor::Middle, label, 20);
        }
        self.text(
            "axis",
            [f64::midpoint(left, right), y + 39.0],
            Anchor::Middle,
            name,
            60,
        );
    }
}

/// The marker of an arm as a character, for legends.
pub(crate) fn glyph(series: usize) -> &'static str {
    ["●", "■", "▲", "◆", "▼", "⬟"][series % 6]
}

/// A text of at most `limit` characters.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_string();
    }
    text.chars()
        .take(limit.saturating_sub(1))
        .chain(['…'])
        .collect()
}

/// A coordinate with a tenth of a unit, which no eye tells from more.
fn coordinate(value: f64) -> String {
    let text = fixed(value, 1);
    text.strip_suffix(".0").map_or(text.clone(), str::to_string)
}

struct Points<'a>(&'a [[f64; 2]]);

impl Display for Points<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, [x, y]) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{},{}", coordinate(*x), coordinate(*y))?;
        }
        Ok(())
    }
}

struct Title<'a>(Option<&'a str>);

impl Display for Title<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |title| {
            write!(f, "<title>{}</title>", HtmlEscape(title))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ticks_are_round_numbers() {
        let labels = |low, high| -> Vec<String> {
            Scale::new(low, high, 0.0, 1.0)
                .ticks(5)
                .into_iter()
                .map(|(_, label)| label)
                .collect()
        };
        assert_eq!(labels(0.0, 100.0), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(labels(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(18.3, 27.1), ["20", "22", "24", "26"]);
        assert_eq!(
            labels(-0.04, 0.05),
            ["-0.04", "-0.02", "0.00", "0.02", "0.04"]
        );
    }

    #[test]
    fn ranges_hold_their_values() {
        assert_eq!(percent_range([35.14, 19.0].into_iter()), (0.0, 40.0));
        assert_eq!(percent_range([99.5].into_iter()), (0.0, 100.0));
        assert_eq!(percent_range([0.0].into_iter()), (0.0, 1.0));
        let (low, high) = loose_range([20.0].into_iter(), (0.0, 100.0), 4.0);
        assert_eq!((low, high), (18.0, 22.0));
    }

    proptest! {
        #[test]
        fn ticks_are_inside_and_few(low in -1e3f64..1e3, span in 1e-6f64..1e6, count in 1usize..12) {
            let scale = Scale::new(low, low + span, 0.0, 100.0);
            let ticks = scale.ticks(count);
            prop_assert!(ticks.len() <= count + 1, "{ticks:?}");
            for (tick, label) in ticks {
                prop_assert!(tick >= low - span * 1e-6 && tick <= low + span * (1.0 + 1e-6));
                prop_assert!((label.parse::<f64>().unwrap() - tick).abs() <= span * 1e-3);
            }
        }

        #[test]
        fn positions_are_inside(low in -1e3f64..1e3, span in 0f64..1e3, value in -1e4f64..1e4) {
            let at = Scale::new(low, low + span, 10.0, 20.0).at(value);
            prop_assert!((10.0..=20.0).contains(&at));
        }
    }
}
