//! No crate is most of the house.

use super::PICTURE;

/// Of the lines of Rust under `crates/*/src`.
const LARGEST: f64 = 0.15;

fn too_large<'a>(shares: &[(&'a str, f64)]) -> Vec<&'a str> {
    let large = shares.iter().filter(|(_, share)| *share > LARGEST);
    large.map(|(name, _)| *name).collect()
}

#[test]
fn no_crate_is_larger_than_its_share() {
    let shares = PICTURE.shares();
    let all: Vec<String> = shares
        .iter()
        .map(|(name, share)| format!("{:5.1} %  {name}", 100.0 * share))
        .collect();
    let large = too_large(&shares);
    let limit = 100.0 * LARGEST;
    assert!(
        large.is_empty(),
        "over {limit:.0} % of the lines: {large:?}\n{}",
        all.join("\n")
    );
}

#[test]
fn shares_are_those_of_the_crates() {
    let shares = PICTURE.shares();
    let sum: f64 = shares.iter().map(|(_, share)| share).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    assert!(
        shares
            .iter()
            .all(|(name, share)| *name != "ddrank-tests" && *share > 0.0)
    );
}

#[test]
fn a_large_crate_is_found() {
    assert_eq!(too_large(&[("a", 0.149), ("b", 0.15), ("c", 0.151)]), ["c"]);
}
