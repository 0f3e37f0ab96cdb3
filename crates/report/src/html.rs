//! The report as one page that needs nothing else.

use std::path::Path;

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};

use crate::file::{ReportError, write_whole};
use crate::model::Report;
use crate::page::Page;

/// The name ends in `.html`, by which the template engine knows to escape every value.
const TEMPLATE: (&str, &str) = ("report.html", include_str!("../templates/report.html"));

/// Writes a report as one self-contained page: no script, no font and no picture from elsewhere.
///
/// # Errors
/// When the report contradicts itself or the file cannot be written.
pub fn write_html(report: &Report, path: &Path) -> Result<(), ReportError> {
    report.check()?;
    write_whole(path, render(report)?.as_bytes())
}

fn render(report: &Report) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_template(TEMPLATE.0, TEMPLATE.1)?;
    let page = environment
        .get_template(TEMPLATE.0)?
        .render(Serde(Page::of(report)))?;
    Ok(page + "\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::CandidateOutcome;
    use crate::example;

    /// The page without the texts of `report` that may hold anything.
    fn tags(page: &str) -> Vec<&str> {
        page.split('<')
            .skip(1)
            .map(|tag| tag.split(['>', ' ']).next().unwrap_or_default())
            .collect()
    }

    #[test]
    fn a_page_needs_nothing_else() {
        for report in [example::report(), example::one_round(), example::awkward()] {
            let page = render(&report).unwrap();
            for word in [
                "http",
                "//",
                "<script",
                "<link",
                "<img",
                "@import",
                "url(",
                "NaN",
                "inf\"",
                "javascript:",
            ] {
                assert!(!page.contains(word), "{word}");
            }
            assert_eq!(page.matches("<svg").count(), 4);
            assert_eq!(page.matches("</svg>").count(), 4);
        }
    }

    #[test]
    fn every_number_of_a_drawing_is_one() {
        for report in [example::report(), example::one_round(), example::awkward()] {
            let page = render(&report).unwrap();
            let mut checked = 0;
            for name in ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "points"] {
                for part in page.split(&format!(" {name}=\"")).skip(1) {
                    let value = part.split('"').next().unwrap();
                    for number in value.split([' ', ',']) {
                        let number: f64 = number
                            .parse()
                            .unwrap_or_else(|_| panic!("{name}={value:?}"));
                        assert!(
                            (-20.0..=760.0).contains(&number),
                            "{name}={value:?} is outside of the drawing"
                        );
                        checked += 1;
                    }
                }
            }
            assert!(checked > 300, "{checked}");
        }
    }

    #[test]
    fn the_page_says_what_was_found() {
        let page = render(&example::report()).unwrap();
        for text in [
            "DC on CIFAR-10",
            "19.1",
            "label-robust score",
            "beats random selection by 12.32 points",
            "31.92 ± 0.32 %",
            "was given, not measured",
            "ddrank score configs&#x2f;dc.toml",
            "diverged in epoch 3",
            "1 h 40 min",
        ] {
            assert!(page.contains(text), "{text}");
        }
        let one = render(&example::one_round()).unwrap();
        assert!(one.contains("A single round tells neither") && !one.contains("95 % CI of"));
    }

    #[test]
    fn files_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.html");
        write_html(&example::report(), &path).unwrap();
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
        // For looking at: DDRANK_REPORT_PAGES=FOLDER keeps the pages.
        if let Some(folder) = std::env::var_os("DDRANK_REPORT_PAGES") {
            for (name, report) in [
                ("usual", example::report()),
                ("one", example::one_round()),
                ("awkward", example::awkward()),
            ] {
                write_html(
                    &report,
                    &Path::new(&folder).join(name).with_extension("html"),
                )
                .unwrap();
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_name_breaks_the_page(name in "\\PC{0,40}|[<>&\"'/a-z!-]{0,40}") {
            let plain = render(&example::report()).unwrap();
            let mut report = example::report();
            report.name = name.clone();
            report.dataset.name = name.clone();
            report.agent.model = name.clone();
            report.recipe[0].value = name.clone();
            report.arms[1].description = name.clone();
            report.warnings[0] = name.clone();
            report.provenance.configuration = name.clone();
            report.provenance.fingerprints[0].of = name.clone();
            let renamed = format!("arm {name}");
            report.arms[2].name = renamed.clone();
            if let Some(between) = &mut report.scores[1].between {
                between.minus = renamed;
            }
            let page = render(&report).unwrap();
            // A name may be cut in a chart, which adds a tooltip; otherwise the page has the same tags.
            let strip = |page: &str| -> Vec<String> {
                tags(page).into_iter().filter(|tag| !tag.ends_with("title")).map(str::to_string).collect()
            };
            prop_assert_eq!(strip(&page), strip(&plain));
        }

        #[test]
        fn no_number_breaks_the_page(
            accuracies in prop::collection::vec(0.0f64..=1.0, 3),
            rate in prop::num::f64::POSITIVE | prop::num::f64::ZERO,
        ) {
            let mut report = example::one_round();
            for (arm, fraction) in report.arms.iter_mut().zip(accuracies) {
                let accuracy = ddrank_metrics::Accuracy::from_fraction(fraction).unwrap();
                arm.rounds[0].accuracy = accuracy;
                arm.rounds[0].learning_rate = Some(rate);
                arm.summary = ddrank_metrics::Summary::of(&[fraction]).unwrap();
                for candidate in &mut arm.rounds[0].candidates {
                    candidate.outcome = CandidateOutcome::Accuracy(accuracy);
                    candidate.learning_rate = rate;
                }
            }
            let page = render(&report).unwrap();
            prop_assert!(!page.contains("NaN") && !page.contains("inf\""));
            prop_assert_eq!(page.matches("<svg").count(), 4);
        }
    }
}
