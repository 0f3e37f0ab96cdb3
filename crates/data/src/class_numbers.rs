//! What the names of class folders say about labels where they are numbers.

use std::cmp::Ordering;

/// What names say, in the order of their text, about which label each has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassNumbers {
    /// Not numbers.
    None,
    /// The numbers 0 to n - 1, each once: the number is the label.
    Labels {
        /// Positions in the order of the text, by label.
        order: Vec<usize>,
    },
    /// Other numbers, which come in the same order as text and as numbers: the label is the place in it.
    Ordered,
    /// Other numbers, whose order as text is not that of the numbers.
    TwoOrders {
        /// Positions in the order of the text, by number.
        order: Vec<usize>,
    },
}

impl ClassNumbers {
    /// Of names in the order of their text.
    ///
    /// Names are numbers where all of them have the same beginning (or none) and a number behind it, whatever follows:
    /// `7`, `class_7`, `c-007`, `7_cat`.
    #[must_use]
    pub fn of<S: AsRef<str>>(names: &[S]) -> Self {
        let start = common_beginning(names);
        let numbers: Vec<&str> = names
            .iter()
            .map(|name| digits(&name.as_ref()[start..]))
            .collect();
        if names.is_empty() || numbers.iter().any(|number| number.is_empty()) {
            return Self::None;
        }
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        // Stable: equal numbers stay in the order of the text.
        order.sort_by(|&a, &b| compare(numbers[a], numbers[b]));
        let twice = order
            .windows(2)
            .any(|pair| compare(numbers[pair[0]], numbers[pair[1]]).is_eq());
        let is_label =
            |(label, &place): (usize, &usize)| numbers[place].parse().ok() == Some(label);
        if !twice && order.iter().enumerate().all(is_label) {
            return Self::Labels { order };
        }
        if order.is_sorted() && !twice {
            Self::Ordered
        } else if twice && all_equal(&numbers) {
            // A number that all share tells nothing: `cifar10_cat`, `cifar10_dog` of which one is `cifar10_`.
            Self::None
        } else {
            Self::TwoOrders { order }
        }
    }

    /// Positions in the order of the text, by label; of [`TwoOrders`](Self::TwoOrders) the order of the text.
    #[must_use]
    pub fn by_label(&self, count: usize) -> Vec<usize> {
        match self {
            Self::Labels { order } => order.clone(),
            Self::None | Self::Ordered | Self::TwoOrders { .. } => (0..count).collect(),
        }
    }

    /// Both readings of the first names on which they differ, for a message: as numbers and as text.
    #[must_use]
    pub fn readings<S: AsRef<str>>(&self, names: &[S]) -> Option<String> {
        let (Self::Labels { order } | Self::TwoOrders { order }) = self else {
            return None;
        };
        let shown: Vec<String> = order
            .iter()
            .enumerate()
            .filter(|(label, place)| label != *place)
            .take(3)
            .map(|(label, &place)| {
                let name = names[place].as_ref();
                format!("`{name}` has label {label} by number and {place} by text")
            })
            .collect();
        (!shown.is_empty()).then(|| shown.join(", "))
    }
}

/// Compares names as people count: runs of digits as numbers, the rest as text.
pub(crate) fn compare_naturally(a: &str, b: &str) -> Ordering {
    let (mut rest_a, mut rest_b) = (a, b);
    loop {
        let (number_a, number_b) = (digits(rest_a), digits(rest_b));
        let step = if number_a.is_empty() || number_b.is_empty() {
            match (rest_a.chars().next(), rest_b.chars().next()) {
                (Some(x), Some(y)) if x == y => {
                    (rest_a, rest_b) = (&rest_a[x.len_utf8()..], &rest_b[y.len_utf8()..]);
                    continue;
                }
                (x, y) => x.cmp(&y),
            }
        } else {
            let step = compare(number_a, number_b);
            (rest_a, rest_b) = (&rest_a[number_a.len()..], &rest_b[number_b.len()..]);
            step
        };
        if step.is_ne() {
            return step;
        }
        if rest_a.is_empty() && rest_b.is_empty() {
            // `1` and `01` are the same number; some order they must have.
            return a.cmp(b);
        }
    }
}

/// Bytes that all names begin with, without a digit at the end: it belongs to the number.
fn common_beginning<S: AsRef<str>>(names: &[S]) -> usize {
    let Some(first) = names.first().map(AsRef::as_ref) else {
        return 0;
    };
    let shared = |a: &str, b: &str| {
        let pairs = a.char_indices().zip(b.chars());
        pairs
            .take_while(|((_, x), y)| x == y)
            .last()
            .map_or(0, |((at, x), _)| at + x.len_utf8())
    };
    let length = names
        .iter()
        .map(|name| shared(first, name.as_ref()))
        .min()
        .unwrap_or(0);
    first[..length]
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .len()
}

/// The digits that a text begins with.
fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit());
    &text[..end.unwrap_or(text.len())]
}

/// Compares numbers of any length.
fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn all_equal(numbers: &[&str]) -> bool {
    numbers
        .windows(2)
        .all(|pair| compare(pair[0], pair[1]).is_eq())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut names: Vec<String>) -> Vec<String> {
        names.sort();
        names
    }

    #[test]
    fn numbers_from_zero_on_are_the_labels_whatever_stands_around_them() {
        let patterns: [fn(usize) -> String; 6] = [
            |n| n.to_string(),
            |n| format!("class_{n}"),
            |n| format!("c-{n:03}"),
            |n| format!("cifar10_{n}"),
            |n| format!("{n}_{}", char::from(b'z' - n as u8)),
            |n| format!("ä{n}.x"),
        ];
        for pattern in patterns {
            let names = sorted((0..12).map(pattern).collect());
            let ClassNumbers::Labels { order } = ClassNumbers::of(&names) else {
                panic!("{names:?}")
            };
            let by_label: Vec<_> = order.iter().map(|&place| names[place].clone()).collect();
            assert_eq!(by_label, (0..12).map(pattern).collect::<Vec<_>>());
        }
        let names = sorted((0..11).map(|n| n.to_string()).collect());
        let readings = ClassNumbers::of(&names).readings(&names).unwrap();
        assert!(
            readings.starts_with("`2` has label 2 by number and 3 by text"),
            "{readings}"
        );
    }

    #[test]
    fn other_numbers_are_read_one_way_or_two() {
        let of = |names: &[&str]| ClassNumbers::of(names);
        assert_eq!(of(&["01", "02", "10"]), ClassNumbers::Ordered);
        assert_eq!(of(&["n01440764", "n02102040"]), ClassNumbers::Ordered);
        assert_eq!(
            of(&["1", "10", "2"]),
            ClassNumbers::TwoOrders {
                order: vec![0, 2, 1]
            }
        );
        assert!(matches!(
            of(&["0", "01", "1"]),
            ClassNumbers::TwoOrders { .. }
        ));
        for names in [
            &["airplane", "bird"][..],
            &["10", "2", "B"],
            &["x", "x1"],
            &["10a", "10b"],
            &[],
        ] {
            assert_eq!(of(names), ClassNumbers::None, "{names:?}");
        }
        assert_eq!(of(&["0"]), ClassNumbers::Labels { order: vec![0] });
        let long = "9".repeat(60);
        assert!(matches!(
            of(&[&format!("{long}0"), &long]),
            ClassNumbers::TwoOrders { .. }
        ));
    }

    #[test]
    fn names_are_compared_as_people_count() {
        let mut names = ["b/1", "a/10.png", "a/2.png", "a/x", "a", "a/02.png", "ab"];
        names.sort_by(|a, b| compare_naturally(a, b));
        assert_eq!(
            names,
            ["a", "a/02.png", "a/2.png", "a/10.png", "a/x", "ab", "b/1"]
        );
    }
}
