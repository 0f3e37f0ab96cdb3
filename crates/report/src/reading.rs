//! Numbers, times and places as people read them.

use ddrank_metrics::{Summary, Unit};

use crate::model::{Arm, ArmSource, Dataset, Report};

/// Numbers of a unit as people read them.
pub(crate) trait Shown {
    /// What stands after its numbers: `%`, `points` or nothing.
    fn sign(self) -> &'static str;

    /// The number for people, in the unit for people, without its sign.
    fn bare(self, value: f64) -> String;

    /// `35.14 %`, `12.40 points` or `19.1`.
    fn show(self, value: f64) -> String;

    /// `35.14 ± 0.31 %`: mean and standard deviation, or the mean alone when there is one round.
    fn show_mean(self, summary: &Summary) -> String;

    /// `34.70 to 35.58 %`, where there is an interval.
    fn show_interval(self, summary: &Summary) -> Option<String>;
}

impl Shown for Unit {
    fn sign(self) -> &'static str {
        shown(self).2.trim_start()
    }

    fn bare(self, value: f64) -> String {
        let (factor, decimals, _) = shown(self);
        fixed(value * factor, decimals)
    }

    fn show(self, value: f64) -> String {
        self.bare(value) + shown(self).2
    }

    fn show_mean(self, summary: &Summary) -> String {
        if summary.n < 2 {
            return self.show(summary.mean);
        }
        format!(
            "{} ± {}{}",
            self.bare(summary.mean),
            self.bare(summary.std),
            shown(self).2
        )
    }

    fn show_interval(self, summary: &Summary) -> Option<String> {
        let (low, high) = summary.ci95?;
        Some(format!(
            "{} to {}{}",
            self.bare(low),
            self.bare(high),
            shown(self).2
        ))
    }
}

/// What its numbers are multiplied by for people, the decimals shown, and the sign after them.
const fn shown(unit: Unit) -> (f64, usize, &'static str) {
    match unit {
        Unit::Accuracy => (100.0, 2, " %"),
        Unit::Difference => (100.0, 2, " points"),
        Unit::Score => (1.0, 1, ""),
    }
}

/// A number with so many decimals, and no minus sign before a zero.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.bytes().all(|byte| matches!(byte, b'0' | b'.')) => {
            digits.to_string()
        }
        _ => text,
    }
}

/// A number of things: `50 000`.
pub(crate) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// The learning rates of the rounds, each once and in order: `0.01` or `0.01, 0.05`.
pub(crate) fn learning_rates(rates: impl Iterator<Item = f64>) -> Option<String> {
    let mut rates: Vec<f64> = rates.collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    let rates: Vec<String> = rates.into_iter().map(|rate| rate.to_string()).collect();
    if rates.is_empty() {
        None
    } else {
        Some(rates.join(", "))
    }
}

/// Seconds for people: `0.8 s`, `42 s`, `3 min 05 s`, `2 h 07 min`.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds < 9.95 {
        return format!("{} s", fixed(seconds, 1));
    }
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// A time in UTC: `2026-11-21 12:01:59 UTC`.
pub(crate) fn utc(seconds: u64) -> String {
    // Days to a civil date in the proleptic Gregorian calendar, with years that begin in March.
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

impl Dataset {
    /// `3 × 32 × 32`.
    pub(crate) fn image_words(&self) -> String {
        let [channels, height, width] = self.image;
        format!("{channels} × {height} × {width}")
    }
}

impl Arm {
    /// `35.14 ± 0.31 %`; the mean alone when the accuracy was given, because its spread is not known.
    pub(crate) fn show_mean(&self) -> String {
        match self.source {
            ArmSource::Given => Unit::Accuracy.show(self.summary.mean),
            ArmSource::Trained | ArmSource::Cache => Unit::Accuracy.show_mean(&self.summary),
        }
    }

    /// The confidence interval of the mean accuracy, where it is known.
    pub(crate) fn interval(&self) -> Option<(f64, f64)> {
        self.summary
            .ci95
            .filter(|_| self.source != ArmSource::Given)
    }

    /// `34.70 to 35.58 %`, where the interval is known.
    pub(crate) fn show_interval(&self) -> Option<String> {
        self.interval()
            .and_then(|_| Unit::Accuracy.show_interval(&self.summary))
    }
}

impl Report {
    /// `cifar10, 10 images per class, ConvNet-3, 5 rounds`.
    pub(crate) fn subject(&self) -> String {
        format!(
            "{}, {} per class, {}, {}",
            self.dataset.name,
            plural(self.synthetic.ipc, "image"),
            self.agent.model,
            plural(self.rounds, "round"),
        )
    }
}

/// `1 round`, `5 rounds`.
pub(crate) fn plural(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{} {noun}s", count(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(Unit::Accuracy.show(0.3514), "35.14 %");
        assert_eq!(Unit::Difference.show(-0.00001), "0.00 points");
        assert_eq!(Unit::Score.show(19.1324), "19.1");
        let summary = Summary::of(&[0.1, 0.2]).unwrap();
        assert_eq!(Unit::Accuracy.show_mean(&summary), "15.00 ± 5.00 %");
        assert_eq!(
            Unit::Difference.show_interval(&summary).unwrap(),
            "-48.53 to 78.53 points"
        );
        assert_eq!(
            Unit::Score.show_mean(&Summary::of(&[26.89]).unwrap()),
            "26.9"
        );
        assert_eq!(count(1_281_167), "1\u{202f}281\u{202f}167");
        assert_eq!(count(100), "100");
        assert_eq!(
            learning_rates([0.05, 0.001, 0.05].into_iter()).unwrap(),
            "0.001, 0.05"
        );
        assert_eq!(learning_rates(std::iter::empty()), None);
    }

    #[test]
    fn times_read_well() {
        assert_eq!(duration(0.04), "0.0 s");
        assert_eq!(duration(42.4), "42 s");
        assert_eq!(duration(185.0), "3 min 05 s");
        assert_eq!(duration(7619.9), "2 h 07 min");
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        // The last second of a leap day, and of a century that is a leap year.
        assert_eq!(utc(1_709_251_199), "2024-02-29 23:59:59 UTC");
        assert_eq!(utc(951_868_799), "2000-02-29 23:59:59 UTC");
        assert_eq!(utc(4_107_542_400), "2100-03-01 00:00:00 UTC");
    }
}
