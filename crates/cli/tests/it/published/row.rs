//! Facts from a row of a table of DD-Ranking's published configurations.

use super::{Facts, Operation};

/// A row by column name.
pub struct Row<'a> {
    pub headers: &'a csv::StringRecord,
    pub record: &'a csv::StringRecord,
}

impl Row<'_> {
    pub fn get(&self, column: &str) -> &str {
        let index = self.headers.iter().position(|name| name == column);
        &self.record[index.unwrap_or_else(|| panic!("no column {column}"))]
    }

    fn some(&self, column: &str) -> Option<&str> {
        Some(self.get(column)).filter(|text| !["", "none", "n/a"].contains(text))
    }
}

impl Facts {
    /// The facts of a row as it stands, but for what [`corrected`](Self::corrected) says.
    pub fn of_row(row: &Row<'_>) -> Self {
        let whole = |column: &str| row.get(column).parse::<i64>().unwrap();
        let optimizer = row.get("optimizer").to_owned();
        let train = operations(row.get("train_transforms"));
        let validation = operations(row.get("val_transforms"));
        let zca = row.get("zca") == "true";
        let own = if row.get("dataset").starts_with("CIFAR") {
            "cifar10"
        } else {
            "imagenet"
        };
        let statistics = train.1.or(validation.1).unwrap_or_else(|| own.to_owned());
        let soft = row.get("metric") != "lrs_hard";
        Self {
            method: row.get("method").to_owned(),
            dataset: row.get("dataset").to_owned(),
            ipc: whole("ipc"),
            metric: row.get("metric").to_owned(),
            model: row.get("model").to_owned(),
            source: row.get("student_source").to_owned(),
            teachers: row
                .some("teacher_models")
                .map(|names| names.split('|').map(str::to_owned).collect())
                .unwrap_or_default(),
            teacher_source: row.get("teacher_source").to_owned(),
            batch_augmentation: row
                .some("aug")
                .map(|name| Operation::new(name, options(row.get("aug_params"), ';'))),
            train: train.0,
            validation: validation.0,
            statistics: (!zca).then_some(statistics),
            zca,
            augmented_hard_arms: row.some("aug_for_hard").map(|text| text == "true"),
            label_mode: row.some("label_mode").map(str::to_owned),
            criterion: soft.then(|| {
                Operation::new(row.get("criterion"), options(row.get("loss_kwargs"), ';'))
            }),
            schedule: row.get("scheduler").to_owned(),
            step_size: row.some("step_size").map(|text| text.parse().unwrap()),
            weight_decay: row
                .some("weight_decay")
                .map_or(f64::NAN, |text| text.parse().unwrap()),
            momentum: (optimizer == "sgd").then(|| row.get("momentum").parse().unwrap()),
            optimizer,
            epochs: whole("epochs"),
            batch_size: whole("syn_batch"),
            learning_rate: row.get("syn_lr").parse().ok(),
            trains_real: match row.get("metric") {
                "ars" => None,
                _ => Some(row.get("eval_full_data") == "true"),
            },
        }
    }

    /// With the known errors of the published files put right; the list is complete.
    pub fn corrected(mut self) -> Self {
        match (self.method.as_str(), self.dataset.as_str(), self.ipc) {
            ("MTT", "TinyImageNet", 10 | 50) => self.step_size = Some(500),
            ("G-VBSM", "ImageNet1K", 50) => self.weight_decay = 0.01,
            ("SRe2L", "TinyImageNet", 10) => self.teachers = vec!["ResNet-18-BN".to_owned()],
            ("D4M", "CIFAR100", 10) => self.trains_real = Some(true),
            ("RDED", "ImageNet1K", _) => {
                self.source = "torchvision".to_owned();
                self.teacher_source = "torchvision".to_owned();
            }
            _ => {}
        }
        self
    }
}

/// `ToTensor > RandomCrop(size=32 padding=4) > Normalize(cifar10)`: the operations that do something, and the statistics.
fn operations(text: &str) -> (Vec<Operation>, Option<String>) {
    let mut found = Vec::new();
    let mut statistics = None;
    for step in text.split(" > ").filter(|step| *step != "none") {
        let (name, arguments) = match step.split_once('(') {
            Some((name, rest)) => (name, rest.trim_end_matches(')')),
            None => (step, ""),
        };
        match name {
            "ToTensor" => {}
            "Normalize" => statistics = Some(arguments.to_owned()),
            // The identity.
            "ShufflePatches" if arguments == "factor=1" => {}
            _ => {
                let mut options = options(arguments, ' ');
                options.retain(|(key, _)| key != "antialias");
                if name == "RandomHorizontalFlip" && options.is_empty() {
                    options.push(("p".to_owned(), 0.5));
                }
                found.push(Operation::new(name, options));
            }
        }
    }
    (found, statistics)
}

/// `a=1;b=0.5..1` as numbers.
fn options(text: &str, separator: char) -> Vec<(String, f64)> {
    let number = |text: &str| match text {
        "True" => 1.0,
        "False" => 0.0,
        other => other.parse().unwrap_or_else(|_| panic!("{other}")),
    };
    let mut options = Vec::new();
    for part in text.split(separator).filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or_else(|| panic!("{text}"));
        match value.split_once("..") {
            Some((low, high)) => {
                options.push((format!("{key}.0"), number(low)));
                options.push((format!("{key}.1"), number(high)));
            }
            None => options.push((key.to_owned(), number(value))),
        }
    }
    options
}
