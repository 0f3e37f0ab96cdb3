//! What `ddrank train` writes beside weights, and how it is compared with what the teacher is used for.

use std::path::Path;

use ddrank_data::Fingerprint;
use ddrank_files::read_regular_text;
use ddrank_metrics::Accuracy;
use ddrank_models::ModelSpec;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::input::Preparation;

/// A record is some kilobytes; what is larger is another file.
const LIMIT: u64 = 16 << 20;

/// How a teacher was trained, as its record says. Fields that older versions did not write are absent.
#[derive(Clone, Debug, Deserialize)]
pub struct TeacherRecord {
    /// Only ddrank's own records are read.
    #[serde(rename = "ddrank")]
    _version: String,
    model: Option<Value>,
    image: Option<[usize; 3]>,
    dataset: Option<String>,
    /// On the test images of its training.
    pub accuracy: Option<Accuracy>,
    /// How many those were.
    pub test_images: Option<usize>,
    preparation: Option<Value>,
    class_names: Option<Vec<String>>,
    weights: Option<String>,
}

/// What a teacher is used for.
#[derive(Clone, Copy, Debug)]
pub struct TeacherUse<'a> {
    /// Its model.
    pub model: &'a ModelSpec,
    /// Of the weights that were loaded.
    pub weights: &'a Fingerprint,
    /// Channels, height and width.
    pub image: [usize; 3],
    /// The dataset's name, where there is one.
    pub dataset: Option<&'a str>,
    /// How real pixels are prepared, where it is known.
    pub preparation: Option<&'a Preparation>,
    /// Names of the classes, by label, where they are known.
    pub class_names: Option<&'a [String]>,
}

impl TeacherRecord {
    /// The record beside a file of weights: the same name with `.json`. What is no record of ddrank's is none.
    #[must_use]
    pub fn beside(weights: &Path) -> Option<Self> {
        let text = read_regular_text(&weights.with_extension("json"), LIMIT).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Whether the record is of these weights; those of older versions do not say.
    #[must_use]
    pub fn is_of(&self, weights: &Fingerprint) -> bool {
        let own = self.weights.as_ref();
        own.is_none_or(|own| *own == weights.to_string())
    }

    /// What differs between the training and the use, a sentence each with both values.
    #[must_use]
    pub fn mismatches(&self, used: &TeacherUse<'_>) -> Vec<String> {
        if !self.is_of(used.weights) {
            return vec![
                "the record beside its weights is of other weights, so it says nothing about these; train it again, or remove the `.json`".to_owned(),
            ];
        }
        let mut found = Vec::new();
        if let (Some(trained), Some(now)) = (&self.dataset, used.dataset)
            && trained != now
        {
            found.push(format!("it was trained on {trained} and is used for {now}"));
        }
        if let Some(trained) = self.image
            && trained != used.image
        {
            found.push(format!(
                "it was trained on images of {} and is used for {}",
                size(trained),
                size(used.image)
            ));
        }
        if let Some(trained) = &self.model
            && written(used.model).is_some_and(|now| !same(&now, trained))
        {
            let now = written(used.model).unwrap_or_default();
            found.push(format!(
                "its record says the model {trained}, the configuration {now}"
            ));
        }
        if let (Some(trained), Some(now)) = (&self.preparation, used.preparation)
            && written(now).is_some_and(|now| !same(&now, trained))
        {
            found.push(format!(
                "it was trained on images that were prepared as {}, here they are {}",
                prepared(trained),
                prepared(&written(now).unwrap_or_default())
            ));
        }
        if let (Some(trained), Some(now)) = (&self.class_names, used.class_names)
            && trained != now
        {
            found.push(classes(trained, now));
        }
        found
    }
}

fn written(value: &impl Serialize) -> Option<Value> {
    serde_json::to_value(value).ok()
}

/// Whether two values are the same where numbers are single floats, which text may have bent a little.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let single = |number: &serde_json::Number| number.as_f64().map(|value| value as f32);
            single(one) == single(other)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let found = |(key, one)| other.get(key).is_some_and(|other| same(one, other));
            one.len() == other.len() && one.iter().all(found)
        }
        (one, other) => one == other,
    }
}

fn size([channels, height, width]: [usize; 3]) -> String {
    format!("{channels} x {height} x {width}")
}

fn prepared(preparation: &Value) -> String {
    let part = |key: &str| match preparation.get(key)? {
        Value::Array(numbers) => {
            let numbers = numbers.iter().filter_map(Value::as_f64);
            Some(format!(
                "{:?}",
                numbers.map(|number| number as f32).collect::<Vec<_>>()
            ))
        }
        other => Some(other.to_string()),
    };
    match (
        part("mean"),
        part("std"),
        part("variant"),
        part("fitted_on"),
    ) {
        (Some(mean), Some(std), ..) => format!("normalised (mean {mean}, deviation {std})"),
        (_, _, Some(variant), Some(fitted)) => {
            let fitted: String = fitted.trim_matches('"').chars().take(12).collect();
            format!("whitened ({variant}, fitted on images {fitted})")
        }
        _ => preparation.to_string(),
    }
}

fn classes(trained: &[String], now: &[String]) -> String {
    let differing = trained
        .iter()
        .zip(now)
        .position(|(trained, now)| trained != now);
    match differing {
        Some(label) => format!(
            "its classes are not those of the data: class {label} was {:?} in its training and is {:?} here",
            trained[label], now[label]
        ),
        None => format!(
            "it was trained on {} classes, here are {}",
            trained.len(),
            now.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preparation(mean: f32) -> Preparation {
        Preparation::Normalise {
            mean: vec![mean; 3],
            std: vec![0.25; 3],
        }
    }

    #[test]
    fn a_record_is_compared_with_the_use() {
        let folder = tempfile::tempdir().unwrap();
        let weights = folder.path().join("teacher.safetensors");
        assert!(TeacherRecord::beside(&weights).is_none());
        std::fs::write(folder.path().join("teacher.json"), "[1, 2]").unwrap();
        assert!(TeacherRecord::beside(&weights).is_none(), "not ddrank's");

        let model = ModelSpec::new("ConvNet-3".parse().unwrap());
        let fingerprint = Fingerprint::of_indices(&[1]);
        let names = ["cat".to_owned(), "dog".to_owned()];
        let record = serde_json::json!({
            "ddrank": "1", "model": written(&model), "classes": 2, "image": [3, 32, 32], "dataset": "cifar10",
            "accuracy": 0.75, "test_images": 100, "preparation": written(&preparation(0.1)), "class_names": names,
            "weights": fingerprint.to_string(), "something": "else",
        });
        std::fs::write(folder.path().join("teacher.json"), record.to_string()).unwrap();
        let record = TeacherRecord::beside(&weights).unwrap();
        assert_eq!(record.accuracy.unwrap().fraction(), 0.75);
        let same = preparation(0.1);
        let used = TeacherUse {
            model: &model,
            weights: &fingerprint,
            image: [3, 32, 32],
            dataset: Some("cifar10"),
            preparation: Some(&same),
            class_names: Some(&names),
        };
        assert_eq!(record.mismatches(&used), [""; 0]);
        let (swapped, other) = (["dog".to_owned(), "cat".to_owned()], preparation(0.5));
        let wide = ModelSpec {
            width: 7.into(),
            ..model.clone()
        };
        let found = record.mismatches(&TeacherUse {
            model: &wide,
            image: [3, 64, 64],
            dataset: Some("cifar100"),
            preparation: Some(&other),
            class_names: Some(&swapped),
            ..used
        });
        for (found, parts) in found.iter().zip([
            ["cifar10 ", "cifar100"],
            ["3 x 32 x 32", "3 x 64 x 64"],
            ["ConvNet-3", "7"],
            ["mean [0.1, 0.1, 0.1]", "mean [0.5, 0.5, 0.5]"],
            ["\"cat\" in its training", "\"dog\" here"],
        ]) {
            assert!(parts.iter().all(|part| found.contains(part)), "{found}");
        }
        assert_eq!(found.len(), 5);
        let others = Fingerprint::of_indices(&[2]);
        let found = record.mismatches(&TeacherUse {
            weights: &others,
            ..used
        });
        assert!(found.len() == 1 && found[0].contains("other weights"));
    }
}
