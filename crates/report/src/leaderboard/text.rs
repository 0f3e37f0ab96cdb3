//! Leaderboards for a terminal, for Markdown and as CSV.

use std::path::Path;

use ddrank_metrics::{Separation, Unit};
use serde::Serialize;

use super::board::{Leaderboard, LeaderboardLine};
use crate::file::{ReportError, write_whole};
use crate::reading::Shown;
use crate::terminal::{Glyphs, indent, left, right, table, visible, wrap};

/// Leaderboards for a terminal `width` columns wide. Ends with a newline.
#[must_use]
pub fn terminal_leaderboards(boards: &[Leaderboard], width: usize, glyphs: Glyphs) -> String {
    let width = width.clamp(30, 1000);
    let mut parts = Vec::new();
    for board in boards {
        parts.push(wrap(&glyphs.text(&visible(&heading(board))), width, "", ""));
        let headers = headers(board);
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let mut table = table(width, glyphs, &headers);
        for (cells, header) in rows(board).into_iter().map(|row| (row, &headers)) {
            table.add_row(cells.iter().zip(header).map(|(cell, header)| {
                let cell = glyphs.text(cell);
                if header.ends_with(" >") {
                    right(&cell)
                } else {
                    left(&cell)
                }
            }));
        }
        parts.push(indent(&table.trim_fmt()));
        let notes: Vec<String> = notes(board)
            .iter()
            .map(|note| wrap(&glyphs.text(&visible(note)), width, "  - ", "    "))
            .collect();
        if !notes.is_empty() {
            parts.push(notes.join("\n"));
        }
    }
    parts.join("\n\n") + "\n"
}

/// Leaderboards as Markdown tables. Ends with a newline.
#[must_use]
pub fn markdown_leaderboards(boards: &[Leaderboard]) -> String {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let mut parts = Vec::new();
    for board in boards {
        parts.push(format!("**{}**", escaped(&heading(board))));
        let headers = headers(board);
        let names: Vec<String> = headers
            .iter()
            .map(|name| name.trim_end_matches(" >").to_owned())
            .collect();
        let rules: Vec<String> = headers
            .iter()
            .map(|name| if name.ends_with(" >") { "---:" } else { "---" }.to_owned())
            .collect();
        let mut lines = vec![line(&names), line(&rules)];
        for row in rows(board) {
            lines.push(line(
                &row.iter().map(|cell| escaped(cell)).collect::<Vec<_>>(),
            ));
        }
        parts.push(lines.join("\n"));
        let notes: Vec<String> = notes(board)
            .iter()
            .map(|note| format!("- {}", escaped(note)))
            .collect();
        if !notes.is_empty() {
            parts.push(notes.join("\n"));
        }
    }
    parts.join("\n\n") + "\n"
}

/// Writes leaderboards as one table: accuracies and differences as fractions, LRS and ARS from 0 to 100.
///
/// Columns: `metric`, `dataset`, `ipc`, `model`, `place`, `name`, `run`, `rounds`, `weight`, `score`, `std`, `ci95_low`,
/// `ci95_high`, the means `hlr`, `ior`, `ior_with_augmentation`, `ior_without_augmentation`, and `from_next`, which is
/// `distinct`, `overlapping` or `unknown`. Empty where a column does not apply.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write_leaderboards_csv(boards: &[Leaderboard], path: &Path) -> Result<(), ReportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for board in boards {
        for line in &board.lines {
            writer.serialize(Row::of(board, line))?;
        }
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    write_whole(path, &bytes)
}

#[derive(Serialize)]
struct Row<'a> {
    metric: &'a str,
    dataset: &'a str,
    ipc: usize,
    model: &'a str,
    place: usize,
    name: &'a str,
    run: String,
    rounds: usize,
    weight: Option<f64>,
    score: f64,
    std: f64,
    ci95_low: Option<f64>,
    ci95_high: Option<f64>,
    hlr: Option<f64>,
    ior: Option<f64>,
    ior_with_augmentation: Option<f64>,
    ior_without_augmentation: Option<f64>,
    from_next: Option<Separation>,
}

impl<'a> Row<'a> {
    fn of(board: &'a Leaderboard, line: &'a LeaderboardLine) -> Self {
        let part = |name: &str| {
            let place = board.parts.iter().position(|part| part.name == name)?;
            line.parts[place].map(|(_, summary)| summary.mean)
        };
        Self {
            metric: board.metric.headline(),
            dataset: &board.dataset,
            ipc: board.ipc,
            model: &board.model,
            place: line.place,
            name: &line.name,
            run: line.path.display().to_string(),
            rounds: line.score.n,
            weight: line.weight.map(ddrank_metrics::Weight::value),
            score: line.score.mean,
            std: line.score.std,
            ci95_low: line.score.ci95.map(|(low, _)| low),
            ci95_high: line.score.ci95.map(|(_, high)| high),
            hlr: part("HLR"),
            ior: part("IOR"),
            ior_with_augmentation: part("IOR with augmentation"),
            ior_without_augmentation: part("IOR without augmentation"),
            from_next: line.from_next,
        }
    }
}

fn heading(board: &Leaderboard) -> String {
    let images = if board.ipc == 1 { "image" } else { "images" };
    format!(
        "{}: {}, {} {images} per class, {}",
        board.metric.headline(),
        board.dataset,
        board.ipc,
        board.model
    )
}

/// Names of columns; those of numbers end in ` >`.
fn headers(board: &Leaderboard) -> Vec<String> {
    let mut headers = vec!["#".to_owned() + " >", "name".to_owned()];
    headers.push(format!("{} >", board.metric.headline()));
    headers.push("95 % CI >".to_owned());
    headers.extend(board.parts.iter().map(|part| format!("{} >", part.name)));
    headers.push("rounds >".to_owned());
    if let Some(symbol) = board.metric.weight_symbol() {
        headers.push(format!("{symbol} >"));
    }
    headers.push("next".to_owned());
    headers
}

fn rows(board: &Leaderboard) -> Vec<Vec<String>> {
    let cells = |line: &LeaderboardLine| {
        let mut cells = vec![line.place.to_string(), name(board, line)];
        cells.push(line.unit.show_mean(&line.score));
        cells.push(interval(line.unit, line));
        cells.extend(line.parts.iter().map(|part| match part {
            Some((unit, summary)) => unit.bare(summary.mean),
            None => "-".to_owned(),
        }));
        cells.push(line.score.n.to_string());
        if board.metric.weight_symbol().is_some() {
            cells.push(
                line.weight
                    .map_or("-".to_owned(), |weight| weight.to_string()),
            );
        }
        let next = match line.from_next {
            None => "",
            Some(Separation::Distinct) => "clear",
            Some(Separation::Overlapping) => "tie",
            Some(Separation::Unknown) => "?",
        };
        cells.push(next.to_owned());
        cells
    };
    board.lines.iter().map(cells).collect()
}

/// The name, with the run where several share it.
fn name(board: &Leaderboard, line: &LeaderboardLine) -> String {
    let namesakes = board.lines.iter().filter(|other| other.name == line.name);
    if namesakes.count() > 1 {
        format!("{} ({})", line.name, line.path.display())
    } else {
        line.name.clone()
    }
}

fn interval(unit: Unit, line: &LeaderboardLine) -> String {
    unit.show_interval(&line.score)
        .unwrap_or_else(|| "-".to_owned())
}

/// What a reader must know: what the marks mean, and what is not comparable.
fn notes(board: &Leaderboard) -> Vec<String> {
    let has = |mark| board.lines.iter().any(|line| line.from_next == Some(mark));
    let mut notes = Vec::new();
    if has(Separation::Overlapping) {
        notes.push(
            "tie: the rounds do not tell this line from the next (95 % confidence, by the differences of the rounds \
             where both share seed and data, else by the two intervals)"
                .to_owned(),
        );
    }
    if has(Separation::Unknown) {
        notes.push("?: a single round does not tell anything apart".to_owned());
    }
    notes.extend(board.warnings.iter().cloned());
    notes
}

/// Text in a cell of a Markdown table.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for char in visible(text).chars() {
        if matches!(char, '\\' | '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}
