//! Killing the process at any moment loses at most the trials in flight.

use std::time::{Duration, Instant};

use crate::workbench::Workbench;

#[test]
fn a_run_killed_again_and_again_ends_like_an_undisturbed_one() {
    let bench = Workbench::new();
    bench.configure("epochs = 12", "epochs = 150");
    let started = Instant::now();
    bench
        .run(&["score", "bench.toml", "--runs", "undisturbed"])
        .succeeded();
    let undisturbed = started.elapsed();
    let whole = bench.read("undisturbed/bench/trials.jsonl").lines().count();

    // Each attempt lives for 20 to 50 % of an undisturbed run, a little longer each time so that it ends.
    let mut state = 0x2545_F491_u32;
    let mut kills = 0;
    for attempt in 0.. {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let share = 0.2 + 0.3 * f64::from(state) / f64::from(u32::MAX) + 0.02 * f64::from(attempt);
        let mut child = bench.start(&["score", "bench.toml", "--runs", "killed"]);
        std::thread::sleep(undisturbed.mul_f64(share));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        assert!(kills < 200, "the run never ends");
    }
    assert_eq!(
        bench.report("killed/bench"),
        bench.report("undisturbed/bench")
    );
    assert_eq!(
        bench.read("killed/bench/trials.jsonl").lines().count(),
        whole,
        "no finished trial ran twice"
    );
    assert!(kills > 0, "nothing was killed, so nothing was tested");
}

#[cfg(unix)]
#[test]
fn a_signal_stops_cleanly_and_says_how_to_continue() {
    let bench = Workbench::new();
    bench.configure("epochs = 12", "epochs = 20000");
    let command = bench
        .command(&["score", "bench.toml"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let kill = std::process::Command::new("kill")
        .args(["-INT", &command.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
    let finished = crate::workbench::Finished::from(command.wait_with_output().unwrap());
    finished.failed(1, &["running the same command again continues"]);
}

#[test]
fn two_processes_do_not_share_a_run_directory() {
    let bench = Workbench::new();
    bench.configure("epochs = 12", "epochs = 20000");
    let mut first = bench.start(&["score", "bench.toml"]);
    while !bench.join("runs/bench/trials.jsonl").exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    bench
        .run(&["score", "bench.toml"])
        .failed(1, &["runs/bench", "in use by another ddrank"]);
    first.kill().unwrap();
    first.wait().unwrap();
}
