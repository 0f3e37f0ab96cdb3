//! Where the numbers of a report come from.

use ddrank_device::processor_name;
use ddrank_metrics::Source;
use ddrank_report::{Fingerprint, Protocol, Provenance};

use crate::execution::executor::Execution;
use crate::experiment::Experiment;

/// The version of burn that this program was built with, read from the lock file by the build script.
const BURN: &str = env!("DDRANK_BURN_VERSION");

/// Provenance of a report made now, by this program, on this machine.
pub(crate) fn provenance(
    experiment: &Experiment,
    execution: &Execution,
    protocol: Protocol,
) -> Provenance {
    let fingerprints = experiment.fingerprints();
    let configuration = experiment.configuration().text.clone();
    let fingerprint = |of: &str, value: String| Fingerprint {
        of: of.to_owned(),
        value,
    };
    let synthetic = experiment.synthetic();
    let mut all = vec![
        fingerprint("real training images", fingerprints.train.to_string()),
        fingerprint("test images", fingerprints.test.to_string()),
        fingerprint("distilled set", synthetic.fingerprint.to_string()),
    ];
    if let Some(rows) = &synthetic.soft_labels {
        all.push(fingerprint("soft labels", rows.fingerprint()));
    }
    for (index, set) in experiment.configuration().compare.iter().enumerate() {
        let Some(compared) = experiment.distilled(Source::Compare(index)) else {
            continue;
        };
        all.push(fingerprint(
            &format!("distilled set {}", set.name),
            compared.fingerprint.to_string(),
        ));
    }
    for teacher in experiment.teacher_descriptions() {
        all.push(fingerprint(
            &format!("teacher {}", teacher.model.name),
            teacher.weights.clone(),
        ));
    }
    all.push(fingerprint(
        "configuration",
        blake3::hash(configuration.as_bytes()).to_hex().to_string(),
    ));
    Provenance {
        ddrank: env!("CARGO_PKG_VERSION").to_owned(),
        git_revision: option_env!("DDRANK_GIT_REVISION").map(str::to_owned),
        burn: BURN.to_owned(),
        device: execution.device_names(),
        backend: execution.backends(),
        os: sysinfo::System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned()),
        cpu: processor_name(),
        fingerprints: all,
        protocol: Some(protocol),
        configuration,
    }
}
