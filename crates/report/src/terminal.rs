//! The report as a person wants to see it at the end of a run.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use ddrank_metrics::Direction;

use crate::model::{Arm, ArmSource, Report};
use crate::reading::{Shown, learning_rates};
use crate::verdict::verdict;

/// The characters that a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyphs {
    /// Box drawing, `±` and Greek letters.
    Unicode,
    /// ASCII alone, for logs and plain terminals (names from the configuration are shown as they are).
    Ascii,
}

impl Glyphs {
    /// Our own text in these characters.
    pub(crate) fn text(self, text: &str) -> String {
        match self {
            Self::Unicode => text.to_string(),
            Self::Ascii => {
                let ascii = text
                    .replace('±', "+/-")
                    .replace('λ', "lambda")
                    .replace('γ', "gamma");
                ascii.replace('·', "-").replace('\u{202f}', " ")
            }
        }
    }
}

/// The report for a terminal `width` columns wide: scores, arms, a verdict in plain words, and the warnings.
///
/// Ends with a newline. Control characters in names are made visible, so that a file cannot steer the terminal.
#[must_use]
pub fn terminal_table(report: &Report, width: usize, glyphs: Glyphs) -> String {
    let width = width.clamp(30, 1000);
    let mut parts = vec![heading(report, width, glyphs)];
    parts.push(indent(&scores(report, width, glyphs)));
    parts.push(indent(&arms(report, width, glyphs)));
    parts.push(wrap(
        &glyphs.text(&visible(&verdict(report).text)),
        width,
        "  ",
        "  ",
    ));
    if !report.warnings.is_empty() {
        let mut lines = vec![format!("  Warnings ({})", report.warnings.len())];
        lines.extend(
            report
                .warnings
                .iter()
                .map(|warning| wrap(&visible(warning), width, "  - ", "    ")),
        );
        parts.push(lines.join("\n"));
    }
    parts.join("\n\n") + "\n"
}

fn heading(report: &Report, width: usize, glyphs: Glyphs) -> String {
    let mut lines = vec![wrap(&visible(&report.name), width, "", "")];
    lines.push(wrap(
        &glyphs.text(&visible(&report.subject())),
        width,
        "",
        "",
    ));
    if let Some(headline) = report.headline() {
        let mut text = format!(
            "{} {}",
            report.metric.headline(),
            headline.unit.show_mean(&headline.summary)
        );
        let mut remarks = Vec::new();
        if let Some(interval) = headline.unit.show_interval(&headline.summary) {
            remarks.push(format!("95 % CI {interval}"));
        }
        remarks.push(format!("n = {}", headline.summary.n));
        if let (Some(symbol), Some(weight)) = (report.metric.weight_symbol(), report.weight) {
            remarks.push(format!("{symbol} = {weight}"));
        }
        text.push_str(&format!("   ({})", remarks.join(", ")));
        lines.push(String::new());
        lines.push(wrap(&glyphs.text(&text), width, "  ", "  "));
    }
    lines.join("\n")
}

fn scores(report: &Report, width: usize, glyphs: Glyphs) -> String {
    let mut table = table(
        width,
        glyphs,
        &["score", "mean ± std >", "95 % CI >", "better"],
    );
    for score in &report.scores {
        table.add_row([
            left(&score.name),
            right(&glyphs.text(&score.unit.show_mean(&score.summary))),
            right(
                score
                    .unit
                    .show_interval(&score.summary)
                    .as_deref()
                    .unwrap_or("-"),
            ),
            left(match score.better {
                Direction::Higher => "higher",
                Direction::Lower => "lower",
            }),
        ]);
    }
    table.trim_fmt()
}

fn arms(report: &Report, width: usize, glyphs: Glyphs) -> String {
    let mut table = table(
        width,
        glyphs,
        &["arm", "accuracy >", "95 % CI >", "learning rate", "source"],
    );
    for arm in &report.arms {
        table.add_row([
            left(&arm.name),
            right(&glyphs.text(&arm.show_mean())),
            right(arm.show_interval().as_deref().unwrap_or("-")),
            left(rates(arm).as_deref().unwrap_or("-")),
            left(arm.source.word()),
        ]);
    }
    table.trim_fmt()
}

impl ArmSource {
    /// `trained`, `given` or `cache`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Trained => "trained",
            Self::Given => "given",
            Self::Cache => "cache",
        }
    }
}

/// The learning rates that an arm chose.
pub(crate) fn rates(arm: &Arm) -> Option<String> {
    learning_rates(arm.rounds.iter().filter_map(|round| round.learning_rate))
}

/// An empty table; a header that ends in ` >` stands over numbers, at the right.
pub(crate) fn table(width: usize, glyphs: Glyphs, header: &[&str]) -> Table {
    let mut table = Table::new();
    let dash = match glyphs {
        Glyphs::Unicode => '─',
        Glyphs::Ascii => '-',
    };
    let rule = LineStyle::none().fill(dash).junction(dash);
    table.load_style(TableStyle::new().header_separator(rule).bottom_border(rule));
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .force_no_tty();
    // Two columns are the indentation; `width` is at most 1000.
    table.set_width(width.saturating_sub(2) as u16);
    table.set_header(header.iter().map(|name| match name.strip_suffix(" >") {
        Some(name) => right(&glyphs.text(name)),
        None => left(name),
    }));
    table
}

pub(crate) fn left(text: &str) -> Cell {
    Cell::new(visible(text))
}

pub(crate) fn right(text: &str) -> Cell {
    Cell::new(visible(text)).set_alignment(CellAlignment::Right)
}

/// Characters that steer a terminal or turn the direction of its text, replaced by one that shows.
pub(crate) fn visible(text: &str) -> String {
    let steers = |char: char| {
        char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|char| if steers(char) { '\u{fffd}' } else { char })
        .collect()
}

pub(crate) fn indent(text: &str) -> String {
    text.lines()
        .map(|line| format!("  {}", line.trim_end()))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Breaks a text at spaces into lines of at most `width` characters (longer words stay whole).
pub(crate) fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut lines = vec![first.to_string()];
    let mut bare = true;
    // Sentences keep numbers and units together: only plain spaces break.
    for word in text.split(' ') {
        let length = lines.last().map_or(0, |line| line.chars().count());
        if !bare && length + 1 + word.chars().count() > width {
            lines.push(rest.to_string());
            bare = true;
        }
        if let Some(line) = lines.last_mut() {
            if !bare {
                line.push(' ');
            }
            line.push_str(word);
        }
        bare = false;
    }
    lines
        .iter()
        .map(|line| line.trim_end())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::example;

    #[test]
    fn the_table_reads_well() {
        assert_eq!(
            terminal_table(&example::report(), 80, Glyphs::Unicode),
            UNICODE
        );
    }

    #[test]
    fn a_plain_terminal_gets_ascii_and_one_round_has_no_interval() {
        let text = terminal_table(&example::one_round(), 80, Glyphs::Ascii);
        assert!(text.is_ascii(), "{text}");
        assert_eq!(text, ASCII);
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        let text = terminal_table(&example::awkward(), 80, Glyphs::Unicode);
        assert!(
            text.chars()
                .all(|char| char == '\n' || !(char.is_control() || char == '\u{202e}')),
            "{text:?}"
        );
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal(width in 50usize..140) {
            for glyphs in [Glyphs::Unicode, Glyphs::Ascii] {
                for line in terminal_table(&example::report(), width, glyphs).lines() {
                    prop_assert!(line.chars().count() <= width, "{line}");
                    prop_assert_eq!(line, line.trim_end());
                }
            }
        }

        #[test]
        fn wrapping_loses_no_word(text in "[a-z ]{0,200}", width in 10usize..60) {
            let words = |text: &str| text.split_whitespace().map(str::to_string).collect::<Vec<_>>();
            prop_assert_eq!(words(&wrap(&text, width, "", "")), words(&text));
        }
    }

    const UNICODE: &str = "\
DC on CIFAR-10
cifar10, 10 images per class, ConvNet-3, 5 rounds

  LRS 19.1 ± 0.2   (95 % CI 18.9 to 19.3, n = 5, λ = 0.5)

   score            mean ± std                 95 % CI   better
  ──────────────────────────────────────────────────────────────
   HLR     52.68 ± 0.32 points   52.24 to 53.12 points   lower
   IOR     12.32 ± 0.64 points   11.43 to 13.21 points   higher
   LRS              19.1 ± 0.2            18.9 to 19.3   higher
  ──────────────────────────────────────────────────────────────

   arm                 accuracy            95 % CI   learning rate   source
  ───────────────────────────────────────────────────────────────────────────
   real-hard            84.60 %                  -   -               given
   syn-hard      31.92 ± 0.32 %   31.48 to 32.36 %   0.05            trained
   random-hard   19.60 ± 0.40 %   19.04 to 20.16 %   0.01            trained
  ───────────────────────────────────────────────────────────────────────────

  The distilled set beats random selection by 12.32 points (95 % CI 11.43 to
  13.21 points). With hard labels, 10 images per class recover 38 % of the
  accuracy that all 50\u{202f}000 real images give (31.92 % of 84.60 %).

  Warnings (1)
  - The accuracy of real data was given, not measured; its spread is not part of
    the intervals.
";
    const ASCII: &str = "\
DC on CIFAR-10
cifar10, 10 images per class, ConvNet-3, 1 round

  LRS 19.1   (n = 1, lambda = 0.5)

   score   mean +/- std   95 % CI   better
  -----------------------------------------
   HLR     52.70 points         -   lower
   IOR     12.40 points         -   higher
   LRS             19.1         -   higher
  -----------------------------------------

   arm           accuracy   95 % CI   learning rate   source
  ------------------------------------------------------------
   real-hard      84.60 %         -   -               given
   syn-hard       31.90 %         -   0.05            trained
   random-hard    19.50 %         -   0.01            trained
  ------------------------------------------------------------

  The distilled set came out 12.40 points above random selection in a single
  round, which is too few to rule out chance. With hard labels, 10 images per
  class recover 38 % of the accuracy that all 50 000 real images give (31.90 %
  of 84.60 %).

  Warnings (1)
  - The accuracy of real data was given, not measured; its spread is not part of
    the intervals.
";
}
