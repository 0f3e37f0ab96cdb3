//! What the clock and the machine have to do with a report.

use std::time::{SystemTime, UNIX_EPOCH};

use ddrank_report as report;

use crate::execution::executor::Execution;
use crate::execution::run_directory::RunDirectory;
use crate::plan::{Arm, ArmRounds, Plan};

/// One run of the program: what the clock and the machine have to do with it.
#[derive(Clone, Debug)]
pub struct Session {
    started: u64,
    pub(crate) execution: Execution,
    command: String,
}

impl Session {
    /// Starts the clock.
    pub fn start(execution: &Execution) -> Self {
        let arguments: Vec<String> = std::env::args_os()
            .skip(1)
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect();
        Self {
            started: seconds_since_1970(),
            execution: execution.clone(),
            command: format!("ddrank {}", arguments.join(" ")),
        }
    }
}

pub(crate) fn timing(plan: &Plan, directory: &RunDirectory, session: &Session) -> report::Timing {
    let seconds = |arm: &Arm| match &arm.rounds {
        ArmRounds::Given(_) => 0.0,
        ArmRounds::Trained { candidates, .. } => {
            let outcomes = candidates
                .iter()
                .flatten()
                .filter_map(|candidate| directory.outcome(&candidate.key));
            outcomes
                .filter(|outcome| !outcome.from_cache)
                .map(|outcome| outcome.seconds)
                .sum()
        }
    };
    let arms: Vec<_> = plan
        .arms
        .iter()
        .map(|arm| report::ArmTiming {
            arm: arm.name.to_string(),
            seconds: seconds(arm),
        })
        .collect();
    report::Timing {
        started: session.started,
        finished: seconds_since_1970(),
        total_seconds: arms.iter().map(|arm| arm.seconds).sum(),
        jobs: session.execution.jobs,
        threads: session.execution.threads,
        command: session.command.clone(),
        arms,
    }
}

fn seconds_since_1970() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
