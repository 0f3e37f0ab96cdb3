//! Files that appear whole or not at all, and the report as JSON.

use std::io;
use std::path::{Path, PathBuf};

use ddrank_files::replace_file;
use serde::Deserialize;

use crate::check::InvalidReport;
use crate::earlier_report::protocol_from_words;
use crate::model::{FORMAT_VERSION, Report};

/// A report could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The report contradicts itself.
    #[error("the report is not valid")]
    Invalid(#[from] InvalidReport),
    /// The file could not be written.
    #[error("could not write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file could not be read.
    #[error("could not read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not a report in JSON.
    #[error("{} is not a report", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Why, with line and column.
        source: serde_json::Error,
    },
    /// The file is a report of another version of the format.
    #[error("{} has report format {seen}; this program reads format {FORMAT_VERSION}", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        seen: u64,
    },
    /// The page could not be made; a defect of the program.
    #[error("could not make the page")]
    Page(#[from] minijinja::Error),
    /// The table could not be made; a defect of the program.
    #[error("could not make the table")]
    Table(#[from] csv::Error),
    /// The JSON could not be made; a defect of the program.
    #[error("could not make the JSON")]
    Json(#[source] serde_json::Error),
}

/// Writes all of a report as JSON, accuracies and differences as fractions, scores from 0 to 100.
///
/// # Errors
/// When the report contradicts itself or the file cannot be written.
pub fn write_json(report: &Report, path: &Path) -> Result<(), ReportError> {
    report.check()?;
    let mut json = serde_json::to_vec_pretty(report).map_err(ReportError::Json)?;
    json.push(b'\n');
    write_whole(path, &json)
}

/// Reads a report from JSON. One that was written before reports had a protocol gets the one that its words tell.
///
/// # Errors
/// When the file cannot be read, is no report, is one of another format version, or contradicts itself.
pub fn read_json(path: &Path) -> Result<Report, ReportError> {
    /// The part that every version of the format has.
    #[derive(Deserialize)]
    struct AnyVersion {
        format_version: u64,
    }
    let json = std::fs::read(path).map_err(|source| ReportError::Read {
        path: path.into(),
        source,
    })?;
    let parse = |source| ReportError::Parse {
        path: path.into(),
        source,
    };
    let AnyVersion { format_version } = serde_json::from_slice(&json).map_err(parse)?;
    if format_version != u64::from(FORMAT_VERSION) {
        return Err(ReportError::Version {
            path: path.into(),
            seen: format_version,
        });
    }
    let mut report: Report = serde_json::from_slice(&json).map_err(parse)?;
    report.check()?;
    if report.provenance.protocol.is_none() {
        report.provenance.protocol = Some(protocol_from_words(&report));
    }
    Ok(report)
}

/// Writes a file under a temporary name in the same folder, syncs it, and gives it its name.
pub(crate) fn write_whole(path: &Path, contents: &[u8]) -> Result<(), ReportError> {
    replace_file(path, |file| file.write_all(contents)).map_err(|source| ReportError::Write {
        path: path.into(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn a_report_survives_json() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        for report in [example::report(), example::one_round(), example::awkward()] {
            write_json(&report, &path).unwrap();
            assert_eq!(read_json(&path).unwrap(), report);
        }
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "a temporary file is left"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_report_is_as_readable_as_any_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            std::fs::metadata(folder.path().join(name))
                .unwrap()
                .permissions()
                .mode()
        };
        std::fs::write(folder.path().join("plain"), "").unwrap();
        write_json(&example::report(), &folder.path().join("report.json")).unwrap();
        assert_eq!(mode("report.json"), mode("plain"));
    }

    #[test]
    fn the_json_has_fractions_and_plain_names() {
        let json = serde_json::to_value(example::report()).unwrap();
        assert_eq!(json["metric"], "lrs");
        assert_eq!(json["arms"][1]["source"], "trained");
        assert_eq!(json["arms"][1]["rounds"][0]["accuracy"], 0.319);
        assert_eq!(json["scores"][0]["unit"], "difference");
        assert_eq!(json["scores"][0]["better"], "lower");
        let candidates = &json["arms"][1]["rounds"][0]["candidates"];
        assert_eq!(
            candidates[4],
            serde_json::json!({"learning_rate": 0.1, "diverged_in_epoch": 3})
        );
        assert_eq!(
            candidates[3],
            serde_json::json!({"learning_rate": 0.05, "accuracy": 0.319})
        );
    }

    #[test]
    fn other_versions_and_other_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let mut report = example::report();
        report.format_version = 99;
        write_json(&report, &path).unwrap();
        let refused = read_json(&path).unwrap_err();
        assert!(matches!(refused, ReportError::Version { seen: 99, .. }));
        assert!(
            refused
                .to_string()
                .ends_with("has report format 99; this program reads format 1")
        );
        for text in [
            "",
            "[]",
            "{\"format_version\": 1}",
            "{\"format_version\": \"1\"}",
            "\u{0}",
        ] {
            std::fs::write(&path, text).unwrap();
            assert!(
                matches!(read_json(&path), Err(ReportError::Parse { .. })),
                "{text:?}"
            );
        }
        assert!(matches!(
            read_json(&folder.path().join("none")),
            Err(ReportError::Read { .. })
        ));
        let nowhere = folder.path().join("none/report.json");
        assert!(matches!(
            write_json(&example::report(), &nowhere),
            Err(ReportError::Write { .. })
        ));
    }

    #[test]
    fn a_report_that_contradicts_itself_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let mut report = example::report();
        report.rounds = 4;
        assert!(matches!(
            write_json(&report, &path),
            Err(ReportError::Invalid(_))
        ));
        assert!(!path.exists());
    }
}
