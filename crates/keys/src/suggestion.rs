//! Did you mean …?

/// The longest word, in characters, that may be meant for a name.
const LONGEST: usize = 100;

/// The candidate nearest to a mistyped word, if one is near.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Names are short; the distance of a long text takes as long as it is, squared.
    if word.chars().count() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let lower = candidate.to_lowercase();
            (strsim::damerau_levenshtein(&word, &lower), candidate)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 2 + word.chars().count() / 8)
        .filter(|(distance, _)| *distance < word.chars().count())
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let words = ["optimizer", "momentum", "num_epochs"];
        assert_eq!(nearest("optimiser", words), Some("optimizer"));
        assert_eq!(nearest("num_epoch", words), Some("num_epochs"));
        assert_eq!(nearest("Momentun", words), Some("momentum"));
        assert_eq!(nearest("temperature", words), None);
        assert_eq!(nearest("x", words), None);
        assert_eq!(nearest("optimizer", []), None);
    }
}
