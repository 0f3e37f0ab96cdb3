//! The stored values.

use safetensors::SafeTensors;

use super::kind::Kind;
use super::verdict::Verdict;

/// Made by `tests/goldens/doctor.py`.
const FILE: &[u8] = include_bytes!("reference.safetensors");

/// Everything that is stored.
pub(super) struct References(Vec<(String, Expected)>);

/// One result of one case.
pub(super) struct Expected {
    /// What the case calls it.
    pub(super) output: String,
    values: Vec<f32>,
    /// Relative to the largest value.
    pub(super) tolerance: f64,
    reduced: f64,
}

/// The hash of the stored values, to know them by.
pub(super) fn fingerprint() -> blake3::Hash {
    blake3::hash(FILE)
}

impl References {
    /// Those of this program.
    pub(super) fn stored() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "a test reads the file that is compiled in"
        )]
        let file = SafeTensors::deserialize(FILE).expect("the stored values are a tensor file");
        let numbers = |name: &str| -> Option<Vec<f32>> {
            // Copied, for in the program's bytes they need not be aligned.
            let bytes = file.tensor(name).ok()?.data().chunks_exact(4);
            Some(
                bytes
                    .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
                    .collect(),
            )
        };
        let mut all: Vec<(String, Expected)> = Vec::new();
        for name in file.names() {
            let (Some((case, output)), Some(values), Some(tolerances)) = (
                // The tolerances are read with what they belong to.
                name.split_once('/').filter(|_| !name.contains('#')),
                numbers(name),
                numbers(&format!("{name}#tolerance")),
            ) else {
                continue;
            };
            let expected = Expected {
                output: output.to_owned(),
                values,
                tolerance: f64::from(tolerances[0]),
                reduced: f64::from(tolerances[1]),
            };
            all.push((case.to_owned(), expected));
        }
        // The reader gives the names in no order, and a report should have one.
        all.sort_by(|(_, a), (_, b)| a.output.cmp(&b.output));
        Self(all)
    }

    /// The results of a case with their kinds, forward ones first.
    pub(super) fn of(&self, case: &str) -> Vec<(Kind, &Expected)> {
        let of_case = self.0.iter().filter(|(name, _)| name == case);
        let mut results: Vec<_> = of_case
            .map(|(_, expected)| (expected.kind(), expected))
            .collect();
        // Stable: within a kind the names stay in order.
        results.sort_by_key(|(kind, _)| *kind);
        results
    }

    /// The kind that a case without results is listed under.
    pub(super) fn first_kind(&self, case: &str) -> Kind {
        self.of(case)
            .first()
            .map_or(Kind::Forward, |(kind, _)| *kind)
    }

    /// The names of the cases.
    #[cfg(test)]
    pub(super) fn cases(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Expected {
    /// By its name: `losses` and `logits` come out of trainings, `d...` are gradients.
    fn kind(&self) -> Kind {
        match self.output.as_str() {
            "losses" | "logits" => Kind::Training,
            gradient if gradient.starts_with('d') => Kind::Gradient,
            _ => Kind::Forward,
        }
    }

    /// The largest error relative to the largest expected number; infinite where numbers are missing or none.
    pub(super) fn error(&self, found: &[f32]) -> f64 {
        if found.len() != self.values.len() {
            return f64::INFINITY;
        }
        // Not number by number: those near zero are small differences of large ones, and rightly far off.
        let (mut error, mut scale) = (0.0_f64, f64::MIN_POSITIVE);
        for (&found, &expected) in found.iter().zip(&self.values) {
            // `max` below would pass over a NaN.
            if !found.is_finite() {
                return f64::INFINITY;
            }
            error = error.max((f64::from(found) - f64::from(expected)).abs());
            scale = scale.max(f64::from(expected).abs());
        }
        error / scale
    }

    /// What an error means.
    pub(super) fn verdict(&self, error: f64) -> Verdict {
        if error <= self.tolerance {
            Verdict::Agrees
        } else if error <= self.reduced {
            Verdict::Reduced
        } else {
            Verdict::Wrong
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::rule::unit;

    #[test]
    fn the_rule_gives_the_numbers_that_python_gave() {
        let file = SafeTensors::deserialize(FILE).unwrap();
        let stored = file.tensor("rule").unwrap();
        let bytes: Vec<u8> = unit("rule", 8)
            .flat_map(|value| (value as f32).to_le_bytes())
            .collect();
        assert_eq!(stored.data(), bytes);
    }

    #[test]
    fn tolerances_are_those_of_float32() {
        let references = References::stored();
        assert!(references.0.len() > 80);
        for (case, expected) in &references.0 {
            assert!(
                expected.tolerance >= 0.999e-5 && expected.tolerance < 1e-4,
                "{case}"
            );
            assert!(
                expected.reduced >= expected.tolerance && expected.reduced < 1e-2,
                "{case}"
            );
        }
    }
}
