//! Comments that say why, and reasons for `unsafe`.

use ddrank_tests::layout::{CommentCount, Lines, unreasoned_unsafe};

use super::{PICTURE, none};

/// Lines with such a comment per line of code, over all crates.
const SMALLEST: f64 = 0.015;

#[test]
fn enough_comments_say_why() {
    let line = |name: &str, count: CommentCount| {
        let CommentCount { code, why } = count;
        format!("{:5.2} %  {name}: {why} of {code}", 100.0 * count.share())
    };
    let all: CommentCount = PICTURE.crates().map(|package| package.comments).sum();
    let mut lines: Vec<String> = PICTURE
        .crates()
        .map(|package| line(&package.name, package.comments))
        .collect();
    lines.push(line("all", all));
    let lines = lines.join("\n");
    println!("{lines}");
    let limit = 100.0 * SMALLEST;
    assert!(
        all.share() >= SMALLEST,
        "less than {limit} % of the lines of code say why\n{lines}"
    );
}

#[test]
fn every_unsafe_block_has_a_reason() {
    let open: Vec<String> = PICTURE
        .0
        .iter()
        .flat_map(|package| &package.unreasoned)
        .map(|(path, line)| format!("{}:{line}: unsafe without `// SAFETY:`", path.display()))
        .collect();
    none("every unsafe block has a reason", &open);
}

const COUNTED: &str = r##"//! Not counted.
/// Nor this.
fn main() { // why here
    // why
    let text = "// no comment"; /* why this */
    let raw = r#"
        // no comment either "
    "#;
    let (quote, lifetime): (char, &'static str) = ('"', "\" // no comment");
    /* why
       and /* more */ why */
    //// a ruler
}
"##;

#[test]
fn comments_are_told_from_documentation_and_strings() {
    let lines = Lines::of(COUNTED);
    let count = CommentCount::of(&lines);
    assert_eq!(lines.0.len(), 13);
    assert_eq!(count, CommentCount { code: 7, why: 6 });
    let documented: Vec<usize> = (0..13).filter(|&at| lines.0[at].documentation).collect();
    assert_eq!(documented, [0, 1]);
    assert!((count.share() - 6.0 / 7.0).abs() < 1e-12);
}

const UNSAFE: &str = "fn all() {
    // SAFETY: proven.
    unsafe { one() };
    // SAFETY: proven,
    // at length.
    #[allow(unused)]
    let two =
        unsafe { two() };
    // Not a reason.
    unsafe { open() };
    // SAFETY: of another statement.
    let three = 3;
    unsafe { open() };
    // unsafe { comment }
    let text = \"unsafe { text }\";

    unsafe {
        open()
    }
}
";

#[test]
fn an_unsafe_block_without_a_reason_is_found() {
    assert_eq!(unreasoned_unsafe(&Lines::of(UNSAFE)), [10, 13, 17]);
}
